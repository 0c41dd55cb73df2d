"""Bugs planted one at a time, each of which the checker must catch (PROOF G15).

A checker that cannot fail proves nothing. Each plant changes the product from outside, plays
the scenes that it would spoil, and names the invariants that must be among the findings. Where
a constraint of the database refuses the bug's first effect, what is then missing is what the
checker sees; such a plant says so. The table of what caught what:

    python -m tests.faults.plants
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text

from service.commands import fire_event, open_ticket
from service.commands.draft import Draft
from service.core.errors import StorageUnavailable
from service.edge import problems
from service.notify import deliver
from service.notify.channels.inbox import Inbox
from service.sla import late, timer
from service.sla.book import Book
from service.store import child, clock, delivery, feed, idempotency, outbox, party, scope, ticket
from service.store import unit_of_work as work
from tests.faults import offices, scenes
from tests.faults.office_plants import PLANTS
from tests.faults.planting import Patch, caught_by, changed, kinds, markdown, plant
from tests.support import servers as support

ALWAYS = "true"
EVERYTHING = {**scenes.EVERYTHING, **offices.SCENES}


# ── the sweep ───────────────────────────────────────────────────────────────


@plant("A batch that failed is repeated without a savepoint a ticket, so that the culprit's "
       "neighbours fail with it and the board shows nobody to mend.",
       scenes.culprit, caught=[("I1", "rung_age")])  # fmt: skip
def no_savepoint(patch: Patch) -> None:
    @contextmanager
    def nothing(_tx: work.Tx) -> Iterator[None]:
        yield

    patch.setattr(work.Tx, "savepoint", nothing)


@plant("The sweep does not look at retry_at: a culprit uses up its tries at once and is parked.",
       scenes.culprit, caught=[("I1", "rung_age")])  # fmt: skip
def retry_at_ignored(patch: Patch) -> None:
    patch.setattr(ticket, "_DUE", changed(ticket._DUE, "retry_at <= clock_timestamp()", ALWAYS))


@plant("Rungs fire an hour early. The database refuses such an escalation, and so those that are "
       "really due are lost with it.",
       scenes.warned, caught=[("I1", "rung_age")])  # fmt: skip
def fired_early(patch: Patch) -> None:
    early = changed(ticket._DUE, "next_at <= (SELECT app_now())",
                    "next_at <= (SELECT app_now() + interval '1 h')")  # fmt: skip
    due, hour = Draft.due, 3_600_000 * timer.MS
    patch.setattr(ticket, "_DUE", early)
    patch.setattr(Draft, "due", lambda self, at: due(self, at + hour))


@plant("A rung fires twice: two lines and two letters, one escalation.",
       scenes.silence, caught=[("I2", "escalation")])  # fmt: skip
def fired_twice(patch: Patch) -> None:
    fire = Draft.fire

    def twice(self: Draft, *args: Any) -> None:
        fire(self, *args)
        first = self.lines[-1]
        fire(self, *args)
        self.fired.pop()
        self.lines[-1] |= {"id": scenes.derived("again", first["id"])}

    patch.setattr(Draft, "fire", twice)


@plant("A rung fires a second time as the next epoch's, which has a key of its own. There is no "
       "such epoch, the database refuses, and the first is lost with it.",
       scenes.silence, caught=[("I1", "rung_age")])  # fmt: skip
def fired_under_another_epoch(patch: Patch) -> None:
    fire = Draft.fire

    def again(self: Draft, ring: Any, *args: Any) -> None:
        fire(self, ring, *args)
        fire(self, replace(ring, epoch=ring.epoch + 1), *args)

    patch.setattr(Draft, "fire", again)


@plant("An escalation is written without a line of its own.",
       scenes.silence, caught=[("I2", "escalation"), ("I1", "rung_order")])  # fmt: skip
def escalation_without_line(patch: Patch) -> None:
    fire = Draft.fire

    def first_only(self: Draft, ring: Any, *args: Any) -> None:
        fire(self, ring, *args)
        if ring.level == 1:
            line = self.lines.pop()
            self.letters.pop()
            self.row["seq"] -= 1
            self.fired[-1]["event_seq"] = line["seq"] - 1

    patch.setattr(Draft, "fire", first_only)


@plant("The row of an escalation is not written.",
       scenes.silence, caught=[("I2", "escalation")])  # fmt: skip
def no_escalation_row(patch: Patch) -> None:
    patch.setattr(clock, "escalate", lambda _tx, _fired: None)


@plant("An event is judged without firing first what fell due before it.",
       scenes.belated, scenes.unswept, caught=[("I1", "rung_missed")])  # fmt: skip
def due_not_settled(patch: Patch) -> None:
    patch.setattr(fire_event, "settle_due", lambda *_args: None)


# ── clocks ──────────────────────────────────────────────────────────────────


@plant("A clock that goes on after a pause has no next rung.",
       scenes.absence, caught=[("I1", "reckoned")])  # fmt: skip
def not_armed_after_pause(patch: Patch) -> None:
    resumed = timer.resumed
    patch.setattr(timer, "resumed",
                  lambda *args: replace(resumed(*args), next_level=None, next_at=None))  # fmt: skip


@plant("The due time is counted from the start as if there had been no pause.",
       scenes.absence, caught=[("I1", "reckoned")])  # fmt: skip
def due_without_pauses(patch: Patch) -> None:
    resumed = timer.resumed

    def hasty(found: timer.Clock, ground: timer.Ground, at: Any) -> timer.Clock:
        due = ground.calendar.add(found.started_at, found.target_ms * timer.MS)
        return timer.armed(resumed(found, ground, at), ground, due_at=due)

    patch.setattr(timer, "resumed", hasty)


@plant("Pauses may go on for ever: their cap is forgotten.",
       scenes.long_absence, caught=[("I1", "reckoned")])  # fmt: skip
def pauses_without_cap(patch: Patch) -> None:
    ground = Book.ground
    patch.setattr(
        Book, "ground", lambda self, found: replace(ground(self, found), max_pause_ms=10**13)
    )


@plant("A breach is called at the due time, not a tick after it.",
       scenes.silence, caught=[("I13", "rung_early")])  # fmt: skip
def late_at_the_due_time(patch: Patch) -> None:
    fires_at = timer.fires_at

    def exactly(found: timer.Clock, ground: timer.Ground, step: Any) -> Any:
        at = fires_at(found, ground, step)
        return at - timer.MS if step.level == 0 else at

    patch.setattr(timer, "fires_at", exactly)


@plant("A late report does not take back the rungs that it proves wrong.",
       scenes.belated, caught=[("I1", "reckoned"), ("I2", "withdrawn")])  # fmt: skip
def nothing_withdrawn(patch: Patch) -> None:
    patch.setattr(late, "withdrawn", lambda found, _ground, _at: (found, ()))


# ── commands ────────────────────────────────────────────────────────────────


@plant("The answer is sent before the commit, and the commit fails.",
       scenes.desk, caught=[("I3", "lost")])  # fmt: skip
def answered_before_commit(patch: Patch) -> None:
    commit = work._commit

    def fails_for_events(conn: Any) -> None:
        lines = conn.execute(text("SELECT count(*) FROM event WHERE type = 'accept' "
                                  "AND xid = pg_current_xact_id_if_assigned()"))  # fmt: skip
        (conn.rollback if lines.scalar_one() else lambda: commit(conn))()

    patch.setattr(work, "_commit", fails_for_events)


@plant("Answers are not kept under their key: a repeated call is a second command.",
       scenes.desk, caught=[("I4", "twice")])  # fmt: skip
def key_not_kept(patch: Patch) -> None:
    patch.setattr(idempotency, "claim", lambda _tx, **_who: None)
    patch.setattr(idempotency, "keep", lambda _tx, **_who: None)


@plant("The client is told that nothing was written, after it was.",
       scenes.silence, caught=[("I4", "unasked")])  # fmt: skip
def refused_after_commit(patch: Patch) -> None:
    take = open_ticket.open_in
    commit = work._commit

    def hides(tx: work.Tx, *args: Any) -> Any:
        take(tx, *args)
        commit(tx.conn)
        raise StorageUnavailable

    patch.setattr(open_ticket, "open_in", hides)


@plant("An event leaves the version as it was.", scenes.hands, caught=[("I6", "version")])
def version_not_moved(patch: Patch) -> None:
    line = Draft._line
    patch.setattr(Draft, "_line",
                  lambda self, *args, **_moves: line(self, *args, moves=False))  # fmt: skip


@plant("The mark of a clock moves the version, and makes people's edits stale.",
       scenes.silence, caught=[("I6", "version")])  # fmt: skip
def mark_moves_version(patch: Patch) -> None:
    line = Draft._line
    patch.setattr(Draft, "_line",
                  lambda self, *args, **_moves: line(self, *args, moves=True))  # fmt: skip


@plant("Who gives an order back keeps it: the assignment stays open.",
       scenes.returned, caught=[("I9", "assignee")])  # fmt: skip
def assignment_stays_open(patch: Patch) -> None:
    patch.setattr(child, "end_assignments", lambda _tx, _ended: None)


@plant("A reassigned order keeps its old assignment. The database refuses a second open one, and "
       "the dispatcher meets with a fault of ours.",
       scenes.hands, caught=[("I12", "internal")])  # fmt: skip
def reassigned_to_two(patch: Patch) -> None:
    assignment_stays_open(patch)


# ── what people see ─────────────────────────────────────────────────────────


@plant("The place is missing in the predicate of what a caller may see.",
       scenes.desk, caught=[("I7", "ticket"), ("I7", "canary")])  # fmt: skip
def no_place_filter(patch: Patch) -> None:
    patch.setattr(scope, "bounds", lambda _path: ("", "\U0010ffff"))


@plant("A refusal is a page for people.", scenes.desk, caught=[("I12", "problem")])
def refusal_as_html(patch: Patch) -> None:
    patch.setattr(problems, "MEDIA_TYPE", "text/html")


@plant("A 503 does not say when to come back.",
       scenes.outage, caught=[("I12", "retry_after")])  # fmt: skip
def no_retry_after(patch: Patch) -> None:
    known: dict[Any, Any] = problems.PROBLEMS  # type: ignore[assignment]
    silent = replace(known[StorageUnavailable], headers=lambda _error: {})
    patch.setitem(known, StorageUnavailable, silent)


@plant("A reporter's phone number is logged.", scenes.desk, caught=[("I11", "log")])
def phone_logged(patch: Patch) -> None:
    for_report = party.for_report

    def tells(tx: work.Tx, ident: Any, reporter: Mapping[str, Any], *args: Any) -> Any:
        structlog.get_logger().info("reported", by=dict(reporter))
        return for_report(tx, ident, reporter, *args)

    patch.setattr(party, "for_report", tells)


# ── letters, deliveries, feed ───────────────────────────────────────────────


@plant("The letter of a mark is not written with it.",
       scenes.silence, caught=[("I8", "letter")])  # fmt: skip
def no_letter(patch: Patch) -> None:
    put = outbox.put
    patch.setattr(outbox, "put", lambda tx, letters: put(
        tx, (one for one in letters if not one["topic"].startswith("sla."))))  # fmt: skip


@plant("A letter is marked as sent and nobody is told.",
       scenes.silence, caught=[("I8", "told")])  # fmt: skip
def nobody_told(patch: Patch) -> None:
    patch.setattr(Inbox, "take_over", lambda *_args: 0)


@plant("A letter that was fanned out is not marked as sent.",
       scenes.silence, caught=[("I8", "letter_waits"), ("I2", "told")])  # fmt: skip
def letter_not_marked(patch: Patch) -> None:
    patch.setattr(outbox, "mark_sent", lambda _tx, _ids: None)


@plant("A delivery is marked as sent before it is sent, and then the receiver does not answer.",
       scenes.post, caught=[("I8", "never_came")])  # fmt: skip
def marked_before_sent(patch: Patch) -> None:
    lease = delivery.lease_fairly

    def hasty(tx: work.Tx, channel: str, **limits: int) -> Sequence[delivery.Leased]:
        leased = lease(tx, channel, **limits)
        for one in leased:
            delivery.acknowledge(tx, one, status=200)
        return leased

    patch.setattr(deliver.delivery, "lease_fairly", hasty)


@plant("A sender that lost its lease may still give a delivery up, while another one sends it.",
       scenes.post, caught=[("I8", "not_noted")])  # fmt: skip
def lease_without_fence(patch: Patch) -> None:
    fence = "lease_token = :token"
    patch.setattr(delivery, "_DEAD", changed(delivery._DEAD, fence, ALWAYS))


@plant("The feed numbers lines while older transactions are still open.",
       scenes.slow_writer, caught=[("I8", "feed_order")])  # fmt: skip
def feed_numbers_unsettled(patch: Patch) -> None:
    settled = "xid < pg_snapshot_xmin(pg_current_snapshot())"
    patch.setattr(feed, "_NUMBER", changed(feed._NUMBER, settled, ALWAYS))


@plant("The feed is numbered by the letters' ids, which are taken at insert and leave gaps.",
       scenes.slow_writer, caught=[("I8", "feed_gap")])  # fmt: skip
def feed_by_id(patch: Patch) -> None:
    by_row = "(SELECT coalesce(max(seq), 0) FROM feed) + n"
    patch.setattr(feed, "_NUMBER", changed(feed._NUMBER, by_row, "id * 2"))


@plant("The feed passes over every second line of a batch, which is then marked as numbered.",
       scenes.slow_writer, caught=[("I8", "feed")])  # fmt: skip
def feed_skips(patch: Patch) -> None:
    skips = "gone_key FROM settled WHERE n % 2 = 1"
    patch.setattr(feed, "_NUMBER", changed(feed._NUMBER, "gone_key FROM settled", skips))


def main() -> int:
    """Play every plant on servers of its own; print the table. Return 1 when one got away."""
    with support.started_servers() as started, tempfile.TemporaryDirectory() as folder:
        support.make_template(started)
        with (
            support.copied_database(started, "anju_plants") as database,
            scenes.world_in(database, Path(folder)) as world,
        ):
            rows = [(each, kinds(caught_by(world, each))) for each in PLANTS]
    sys.stdout.write(markdown(rows) + "\n")
    return int(any(not each.caught <= found for each, found in rows))


if __name__ == "__main__":
    sys.exit(main())

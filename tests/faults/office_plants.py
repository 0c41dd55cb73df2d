"""Bugs planted in mediation and in the judging of vendors; see `plants` for what a plant is."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from service.commands import due, step
from service.commands.draft import Draft
from service.core.actors import Role
from service.core.workflow import Situation
from service.sla import verbs
from service.sla.notation import MS
from service.store import child, ledger, note, stake
from service.store.unit_of_work import Tx
from service.workflows import dispute_facts, grading, tier_effects
from tests.faults import offices
from tests.faults.planting import PLANTS, Patch, changed, plant

__all__ = ["PLANTS"]

Rows = Iterable[Mapping[str, Any]]


# ── money ───────────────────────────────────────────────────────────────────


@plant("A penalty moves no money: the order says so, the ledger does not.",
       offices.penalised, caught=[("I2", "posting")])  # fmt: skip
def deduction_not_posted(patch: Patch) -> None:
    post = ledger.post
    patch.setattr(ledger, "post", lambda tx, rows: post(
        tx, [row for row in rows if row["ticket_id"] is None]))  # fmt: skip


@plant("A payment is added to the balance by hand, without an entry.",
       offices.penalised, caught=[("I2", "balance")])  # fmt: skip
def balance_without_entry(patch: Patch) -> None:
    def by_hand(tx: Tx, rows: Rows) -> None:
        for row in rows:
            tx.conn.exec_driver_sql(
                "UPDATE deposit SET balance_fen = balance_fen + %(fen)s WHERE "
                "vendor_id = %(vendor_id)s AND compound_id = %(compound_id)s", dict(row),
            )  # fmt: skip

    patch.setattr(ledger, "post", by_hand)


# ── votes ───────────────────────────────────────────────────────────────────


@plant("A vote stands in the history in plain words.",
       offices.voted, caught=[("I11", "sealed")])  # fmt: skip
def vote_in_the_open(patch: Patch) -> None:
    plain = step._plain

    def shows(*args: Any) -> Any:
        data, sealed = plain(*args)
        return ({**data, **sealed["data"]}, sealed) if sealed else (data, sealed)

    patch.setattr(step, "_plain", shows)


@plant("A vote is kept otherwise than it was cast.",
       offices.voted, caught=[("I6", "sealed")])  # fmt: skip
def vote_forged(patch: Patch) -> None:
    add = child.add

    def forges(row: Mapping[str, Any]) -> Mapping[str, Any]:
        if row["noun"] != "sealed":
            return row
        return {**row, "row": {**row["row"], "data": {"grade": "satisfied"}}}

    patch.setattr(child, "add", lambda tx, rows: add(tx, map(forges, rows)))


@plant("Who votes anew is counted twice.", offices.voted, caught=[("I2", "votes")])
def vote_counted_twice(patch: Patch) -> None:
    count = grading.count
    patch.setattr(grading, "count", lambda cast: count(
        (f"{voter}-{n}", grade) for n, (voter, grade) in enumerate(cast)))  # fmt: skip


# ── what follows ────────────────────────────────────────────────────────────


@plant("A cure is opened without a link to the assessment that asked for it.",
       offices.voted, caught=[("I6", "cause")])  # fmt: skip
def cause_not_linked(patch: Patch) -> None:
    patch.setattr(Draft, "caused_by", lambda *_args: None)


@plant("What follows a breach is dated at the due time itself, at which nothing is late yet.",
       offices.uncured, caught=[("I2", "withdrawn")])  # fmt: skip
def followed_at_the_due_time(patch: Patch) -> None:
    proposed = due.proposed

    def exactly(*args: Any) -> Any:
        found = proposed(*args)
        return found and replace(found, at=found.at - MS)

    patch.setattr(due, "proposed", exactly)


# ── tiers and who sees ──────────────────────────────────────────────────────


@plant("The sweep takes a case past the next tier.",
       offices.mediated, caught=[("I9", "tier")])  # fmt: skip
def tier_skipped(patch: Patch) -> None:
    def of(s: Situation) -> dispute_facts.CaseFacts:
        case = dispute_facts.of(s)
        swept = s.event == "escalate" and s.actor.role is Role.SYSTEM
        return replace(case, tier=case.tier + 1) if swept else case

    patch.setattr(tier_effects, "dispute_facts", SimpleNamespace(of=of))


@plant("The next tier is not told who may see the case, and cannot.",
       offices.mediated, caught=[("I9", "sight")])  # fmt: skip
def tier_cannot_see(patch: Patch) -> None:
    patch.setattr(stake, "add", lambda _tx, _rows: None)


@plant("Everybody who sees a case reads its mediator's private notes.",
       offices.mediated, caught=[("I7", "note")])  # fmt: skip
def private_note_shown(patch: Patch) -> None:
    for name in ("_OF", "_COUNT", "_ONE"):
        known = getattr(note, name)
        patch.setattr(note, name, changed(known, note._SHOWN, "true"))


# ── clocks ──────────────────────────────────────────────────────────────────


@plant("An extended clock has no more time than before.",
       offices.promised, caught=[("I1", "reckoned")])  # fmt: skip
def extended_by_nothing(patch: Patch) -> None:
    prolonged = verbs._prolonged
    patch.setattr(verbs, "_prolonged", lambda book, known: replace(
        prolonged(book, known), target_ms=known.target_ms))  # fmt: skip


@plant("A clock runs on though an event lets it wait.",
       offices.promised, caught=[("I1", "reckoned")])  # fmt: skip
def wait_ignored(patch: Patch) -> None:
    table: dict[str, Any] = verbs.VERBS  # type: ignore[assignment]
    patch.setitem(table, "pause", lambda _book, _op: None)


@plant("A promise's clock is not due at its own date.",
       offices.promised, caught=[("I1", "reckoned")])  # fmt: skip
def not_at_its_own_date(patch: Patch) -> None:
    start = verbs.VERBS["start"]
    table: dict[str, Any] = verbs.VERBS  # type: ignore[assignment]
    patch.setitem(table, "start", lambda book, op: start(
        book, replace(op, due=op.due and op.due + MS)))  # fmt: skip

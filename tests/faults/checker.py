"""Holds what clients were told against what the database says (PROOF 2: I3, I4, I7, I8, I11, I12).

At the end of a run, when everything has healed:

    findings = check(read(journal, ...), ports.uow, logs=[parts.log], secrets=[...])
    assert not findings, table(findings)

`check` sees the answers only; histories, clocks and letters are the business of
`service.store.audit.walk.Verifier`, which a run asks as well (with `drained=True`).

What a run must do for it:

* write every call of every client into the journal, with `asks` as journal.py says; a call
  that is neither an event nor an opening (an acknowledgement, a link, a dry run) is a `read`;
* give the ids of events that were there before the journal began as `before` (`events_now`);
* put `canary(path)` into every text of a place that somebody could wrongly be shown: titles,
  descriptions, notes, comments, data, names of crews. An answer that holds it is found when
  the caller's place is neither that place, nor above it, nor below it. Tickets are found
  without any canary: each one that an answer shows is held against role and place.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from service.edge.problems import SLUGS
from service.notify.channels.webhook import webhook_id
from service.store.audit.finding import Finding
from service.store.unit_of_work import Tx
from tests.faults.asked import check_commands
from tests.faults.journal import Call
from tests.faults.sight import canary, check_sight

__all__ = [
    "canary",
    "check",
    "check_deliveries",
    "check_logs",
    "check_refusals",
    "events_now",
    "table",
]

Uow = Callable[[], AbstractContextManager[Tx]]

_EVENTS = text("SELECT id FROM event")
_SECRETS = text("""
SELECT phone FROM party WHERE phone IS NOT NULL UNION SELECT secret FROM webhook_endpoint
 UNION SELECT old_secret FROM webhook_endpoint WHERE old_secret IS NOT NULL""")
_DELIVERIES = text("""
SELECT d.id, o.ticket_id, o.event_seq, d.sent_at, d.dead_at FROM delivery d
  LEFT JOIN outbox o ON o.id = d.outbox_id WHERE d.channel = 'webhook'""")
_PROBLEM = "application/problem+json"
_PATIENT = text("SET LOCAL statement_timeout = 0")


def events_now(uow: Uow) -> frozenset[UUID]:
    """Return the ids of all events there are; taken before the first call of a journal."""
    with uow() as tx:
        return frozenset(tx.conn.execute(_EVENTS).scalars())


def check(
    calls: Iterable[Call],
    uow: Uow,
    *,
    before: Set[UUID] = frozenset(),
    logs: Sequence[Path] = (),
    secrets: Sequence[str] = (),
    accepted: Set[str] | None = None,
) -> list[Finding]:
    """Return what is wrong with the answers of a run.

    `logs` may hold none of `secrets`, nor a phone number or a webhook's secret that stands in
    the database. The journal must name everything that people did since `before`. `accepted`
    are the webhook ids that receivers answered with 2xx; None when nobody kept count.
    """
    told = list(calls)
    with uow() as tx:
        tx.conn.execute(_PATIENT)
        found = [*check_commands(tx, told, before), *check_sight(tx, told)]
        hidden = {*secrets, *tx.conn.execute(_SECRETS).scalars()}
        found += [] if accepted is None else check_deliveries(tx, accepted)
    return [*found, *check_refusals(told), *check_logs(logs, hidden)]


def check_deliveries(tx: Tx, accepted: Set[str]) -> Iterator[Finding]:
    """Yield deliveries marked as sent that nobody got, and given up ones that arrived (I8)."""
    for row in tx.conn.execute(_DELIVERIES):
        came = webhook_id(row.id) in accepted
        where = (str(row.ticket_id or ""), "", row.event_seq, "I8")
        if row.sent_at is not None and not came:
            yield Finding(*where, "never_came", f"delivery {row.id} is sent and never came")
        if row.dead_at is not None and came:
            yield Finding(*where, "not_noted", f"delivery {row.id} was accepted and is given up")


def check_refusals(calls: Iterable[Call]) -> Iterator[Finding]:
    """Yield refusals that are no known problem, or that do not say when to come back (I12).

    A 500 is a known problem, and yet says that the service met with what it did not expect.
    """
    for call in calls:
        if call.status is None or call.status < 400:
            continue
        if not call.content_type.startswith(_PROBLEM) or call.problem not in SLUGS:
            detail = f"{call.status} is {call.content_type or 'of no type'}, {call.problem}"
            yield _about(call, "problem", detail)
        if call.status >= 500 and call.status != 503:
            yield _about(call, "internal", f"{call.status} to {call.asks}")
        if call.status in (429, 503) and not (call.retry_after or "").isdigit():
            yield _about(call, "retry_after", f"{call.status} without Retry-After")


def check_logs(logs: Iterable[Path], secrets: Set[str]) -> Iterator[Finding]:
    """Yield each log that holds something secret (I11); the finding does not repeat it."""
    for log in logs:
        written = log.read_text(encoding="utf-8", errors="replace")
        leaked = sum(secret in written for secret in secrets)
        if leaked:
            yield Finding(
                "", "", None, "I11", "log", f"{log.name} holds {leaked} of {len(secrets)} secrets"
            )


def table(findings: Iterable[Finding]) -> str:
    """Return findings as lines to be read by a person."""
    return "\n".join(json.dumps([*_shown(f)], ensure_ascii=False) for f in findings)


def _about(call: Call, check: str, detail: str) -> Finding:
    return Finding(
        call.ticket or "", "", None, "I12", check, f"{call.method} {call.path}: {detail}"
    )


def _shown(found: Finding) -> Iterator[object]:
    yield from (found.invariant, found.check, found.number or found.ticket, found.seq, found.detail)

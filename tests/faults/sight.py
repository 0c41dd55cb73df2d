"""Nobody was shown what lies outside role and place (I7)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import text

from service.store.audit.finding import Finding
from service.store.unit_of_work import Tx
from tests.faults.asked import opens
from tests.faults.journal import Call

_CANARY = re.compile(r"canary:([A-Za-z0-9_/-]+):")
_ACCOUNTS = text("""
SELECT id, name, role, place_id, place_path, crew_id, vendor_id, tier FROM account""")
_TICKETS = text("""
SELECT t.id, t.number, t.kind, t.place_path, t.opened_by,
       array_agg(a.crew_id) AS crews, array_agg(a.vendor_id) AS vendors,
       (SELECT array_agg(s.holder) FROM ticket_stake s WHERE s.ticket_id = t.id) AS holders
  FROM ticket t LEFT JOIN assignment a ON a.ticket_id = t.id GROUP BY t.id""")
_NOTES = text("SELECT id, ticket_id, seq, actor_id, level, tier, party FROM note")


def canary(path: str) -> str:
    """Return a text that belongs to a place; it survives folding, JSON and search."""
    return f"canary:{path}:"


def check_sight(tx: Tx, calls: Iterable[Call]) -> Iterator[Finding]:
    """Yield each foreign canary, foreign ticket and private note that an answer shows.

    Callers are looked up by account id or name; the holder of a link is not judged here.
    """
    accounts: dict[str, Any] = {}
    for row in tx.conn.execute(_ACCOUNTS):
        accounts |= {str(row.id): row, row.name: row}
    tickets = {str(row.id): row for row in tx.conn.execute(_TICKETS)}
    notes = {str(row.id): row for row in tx.conn.execute(_NOTES)}
    for call in calls:
        account = accounts.get(call.actor)
        if account is None or call.body is None:
            continue
        yield from _canaries(call, account)
        for shown in _tickets_in(call.body):
            ticket = tickets.get(shown)
            # Whoever opens a ticket is told of it, though it may be somebody else's from then on.
            own = ticket is not None and opens(call) and ticket.opened_by == account.id
            if ticket is not None and not own and not _may_see(account, ticket):
                detail = f"{call.method} {call.path} shows it to {account.role} {account.name}"
                yield Finding(shown, ticket.number, None, "I7", "ticket", detail)
        for shown in _notes_in(call.body):
            note = notes.get(shown)
            if note is not None and not _may_read(account, note):
                detail = f"{call.method} {call.path} shows a {note.level} note to {account.name}"
                yield Finding(str(note.ticket_id), "", note.seq, "I7", "note", detail)


def _canaries(call: Call, account: Any) -> Iterator[Finding]:
    for path in set(_CANARY.findall(json.dumps(call.body, ensure_ascii=False))):
        if not (_inside(path, account.place_path) or _inside(account.place_path, path)):
            detail = f"{call.method} {call.path} shows a text of {path} to {account.name}"
            yield Finding(call.ticket or "", "", None, "I7", "canary", detail)


def _tickets_in(body: Any) -> Iterator[str]:
    """Yield the ids of tickets that a body shows, however deep; mere references do not count."""
    if isinstance(body, Mapping):
        if isinstance(body.get("id"), str) and ("number" in body or "state" in body):
            yield body["id"]
        for inner in body.values():
            yield from _tickets_in(inner)
    elif isinstance(body, list):
        for inner in body:
            yield from _tickets_in(inner)


def _notes_in(body: Any) -> Iterator[str]:
    """Yield the ids of the notes whose words a body shows, however deep."""
    if isinstance(body, Mapping):
        if isinstance(body.get("id"), str) and {"text", "level"} <= body.keys():
            yield body["id"]
        for inner in body.values():
            yield from _notes_in(inner)
    elif isinstance(body, list):
        for inner in body:
            yield from _notes_in(inner)


def _may_read(account: Any, note: Any) -> bool:
    """Say anew whom a note is for; who stands for the party it is shared with is not judged."""
    if note.level == "recorded" or note.actor_id == account.id:
        return True
    if note.level == "private":
        return False
    party = note.party is not None and account.role in ("resident", "vendor_manager", "committee")
    return party or (account.role == "mediator" and account.tier == note.tier)


def _may_see(account: Any, ticket: Any) -> bool:
    """Say anew what RULINGS 5 says; an assignment that ended still shows the ticket."""
    inside = _inside(ticket.place_path, account.place_path)
    holders = set(ticket.holders or ())
    staked = bool(holders & {f"account:{account.id}", *_as_whom(account)})
    match account.role:
        case "crew":
            return inside and (staked or account.crew_id in ticket.crews)
        case "vendor_manager":
            return inside and (staked or account.vendor_id in ticket.vendors)
        case "resident":
            return inside or staked or ticket.opened_by == account.id
        case "mediator":
            return inside and staked
    return inside


def _as_whom(account: Any) -> Iterator[str]:
    """Yield as whom an account may hold a stake in a ticket, beside itself."""
    if account.role == "vendor_manager":
        yield f"vendor:{account.vendor_id}"
    if account.role == "resident":
        yield f"place:{account.place_id}"
    if account.role == "mediator":
        yield f"tier:{account.tier}"


def _inside(path: str, of: str) -> bool:
    return of == "" or path == of or path.startswith(of + "/")

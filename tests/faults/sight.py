"""Nobody was shown what lies outside role and place (I7)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import text

from service.store.audit.finding import Finding
from service.store.unit_of_work import Tx
from tests.faults.journal import Call

_CANARY = re.compile(r"canary:([A-Za-z0-9_/-]+):")
_ACCOUNTS = text("""
SELECT id, name, role, place_path, crew_id, vendor_id FROM account""")
_TICKETS = text("""
SELECT t.id, t.number, t.kind, t.place_path, t.opened_by,
       array_agg(a.crew_id) AS crews, array_agg(a.vendor_id) AS vendors
  FROM ticket t LEFT JOIN assignment a ON a.ticket_id = t.id GROUP BY t.id""")


def canary(path: str) -> str:
    """Return a text that belongs to a place; it survives folding, JSON and search."""
    return f"canary:{path}:"


def check_sight(tx: Tx, calls: Iterable[Call]) -> Iterator[Finding]:
    """Yield each foreign canary and each foreign ticket that an answer shows.

    Callers are looked up by account id or name; the holder of a link is not judged here.
    """
    accounts: dict[str, Any] = {}
    for row in tx.conn.execute(_ACCOUNTS):
        accounts |= {str(row.id): row, row.name: row}
    tickets = {str(row.id): row for row in tx.conn.execute(_TICKETS)}
    for call in calls:
        account = accounts.get(call.actor)
        if account is None or call.body is None:
            continue
        yield from _canaries(call, account)
        for shown in _tickets_in(call.body):
            ticket = tickets.get(shown)
            if ticket is not None and not _may_see(account, ticket):
                detail = f"{call.method} {call.path} shows it to {account.role} {account.name}"
                yield Finding(shown, ticket.number, None, "I7", "ticket", detail)


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


def _may_see(account: Any, ticket: Any) -> bool:
    """Say anew what RULINGS 5 says; an assignment that ended still shows the ticket."""
    inside = _inside(ticket.place_path, account.place_path)
    match account.role:
        case "crew":
            return inside and account.crew_id in ticket.crews
        case "vendor_manager":
            return inside and account.vendor_id in ticket.vendors
        case "resident":
            return inside or ticket.opened_by == account.id
        case "mediator":
            return inside and ticket.kind == "dispute_case"
    return inside


def _inside(path: str, of: str) -> bool:
    return of == "" or path == of or path.startswith(of + "/")

"""`/v1/vendors/{id}/{ledger|credit|deposits}`: a vendor's money and scores (RULINGS 57)."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields

from service.api import answers, pages
from service.api.places import IDENT
from service.api.shelves import answer_of
from service.api.ticket_shape import location
from service.commands.deposits import RECORDERS, Receive, receive
from service.commands.ports import Outcome
from service.core.actors import Role
from service.core.errors import NotFound
from service.core.shapes import Day, Shape, Text, Whole
from service.edge.reading import Count
from service.edge.routes import Answer, Call, Policy, Route
from service.store import ledger
from service.store.queries.directory import VENDORS, item
from service.store.scope import bounds
from service.store.unit_of_work import Tx
from service.workflows import credit
from service.workflows.event_data import MOST_FEN

Row = Mapping[str, Any]

READERS: Final = frozenset(
    {
        Role.VENDOR_MANAGER, Role.COMMITTEE, Role.COMMUNITY_OFFICER, Role.STREET_OFFICER,
        Role.DISTRICT_OFFICER, Role.MANAGER, Role.AUDITOR, Role.ADMIN,
    }
)  # fmt: skip
"""Who sees money and points: those who decide over them, and the vendor itself."""


_READ = Policy(READERS, scope="tickets:read")
_RECORD = Policy(RECORDERS, scope="tickets:write")


class CreditQuery(pages.WindowQuery):
    """Which local year; by default the current one."""

    year = Count(least=2000, most=2999)


class Payment(Shape):
    """Money received, whole fen. `required_fen` comes with a contract's first payment.

    `contract_until` is the last day of the contract; a later day renews it.
    """

    compound = fields.String(required=True, validate=IDENT)
    fen = Whole(least=1, most=MOST_FEN, required=True)
    document = Text(most=200, required=True)
    required_fen = Whole(least=1, most=MOST_FEN)
    contract_until = Day()


def _vendor(tx: Tx, call: Call) -> Row:
    row = item(tx, VENDORS, call.actor, call.path["id"])
    if row is None:
        raise NotFound
    return row


def require_vendor(call: Call) -> None:
    """Raise NotFound when the directory shows the caller no such vendor."""
    with call.ports.uow() as tx:
        _vendor(tx, call)


def read_ledger(call: Call) -> Answer:
    """Answer the deposits and one page of entries, oldest first."""
    limit, after = call.query["limit"], pages.position(call) or 0
    # A vendor's manager sees all that is its own, wherever it lies.
    own = call.actor.role is Role.VENDOR_MANAGER
    span = bounds("" if own else call.actor.place_path)
    with call.ports.uow() as tx:
        vendor = _vendor(tx, call)["id"]
        held = ledger.deposits(tx, vendor, span)
        found = ledger.entries(tx, vendor, span, after=after, limit=limit + 1)
    page = pages.answer(call, found, show=lambda row: _entry(call, row), at=lambda row: row["id"])
    body = {"deposits": [_deposit(row) for row in held], **page.body}
    return Answer(200, body, page.headers)


def _deposit(row: Row) -> Row:
    money = {"required_fen": row["required_fen"], "balance_fen": row["balance_fen"]}
    return {
        "compound": {"id": row["compound_id"], "name": row["compound_name"]},
        **money,
        "contract_until": row["contract_until"],
        "blocked": credit.is_blocked(**money),
        "top_up_due": credit.top_up_due(row["short_since"]),
    }


def _entry(call: Call, row: Row) -> Row:
    return {
        "id": row["id"],
        "at": row["at"],
        "compound": {"id": row["compound_id"], "name": row["compound_name"]},
        "debit": row["debit"],
        "credit": row["credit"],
        "fen": row["fen"],
        "reason": row["reason"],
        "document": row["document"],
        "actor": row["actor_role"] and {"role": row["actor_role"], "name": row["actor_name"]},
        "ticket": _ticket(call, row),
    }


def _ticket(call: Call, row: Row) -> Row | None:
    """Return the ticket that decided, None outside the caller's place."""
    if row["ticket_id"] is None or not call.actor.covers(row["place_path"]):
        return None
    there = {"id": row["ticket_id"], "kind": row["kind"]}
    return {"number": row["number"], "href": location(call.ports, there)}


def read_credit(call: Call) -> Answer:
    """Answer a year's scores and one page of what changed them, oldest first."""
    limit, after = call.query["limit"], pages.position(call)
    with call.ports.uow() as tx:
        vendor = _vendor(tx, call)
        zone = vendor["time_zone"]
        year = call.query.get("year") or credit.year_of(tx.now(), zone)
        span = credit.span(year, zone)
        sums = [credit.Points(**row) for row in ledger.points(tx, vendor["id"], *span)]
        found = ledger.credits(tx, vendor["id"], span, after=after, limit=limit + 1)
    page = pages.answer(
        call,
        found,
        show=lambda row: _points(call, row),
        at=lambda row: [row["at"], row["ticket_id"], row["seq"], row["n"]],
    )
    body = {
        "year": year,
        "listed": vendor["listed"],
        "market_exit": vendor["market_exit"],
        "scores": [_score(score) for score in credit.scores(sums)],
        **page.body,
    }
    return Answer(200, body, page.headers)


def _score(score: credit.Score) -> Row:
    return {
        "subject": score.subject,
        "manager": score.manager,
        "score": score.score,
        "level": score.level,
    }


def _points(call: Call, row: Row) -> Row:
    return {
        "at": row["at"],
        "subject": row["subject"],
        "manager": row["manager"],
        "points": row["points"],
        "reason": row["reason"],
        "ticket": _ticket(call, row),
    }


def record(call: Call) -> Answer:
    """Record a payment into the controlled account."""
    body = call.body()
    cmd = Receive(actor=call.actor, vendor=call.path["id"], key=call.key(_recorded), **body)
    return answer_of(receive(call.ports, cmd), _recorded)


def _recorded(outcome: Outcome) -> Answer:
    entry = outcome.event
    shown = {name: entry[name] for name in ("at", "debit", "credit", "fen", "reason", "document")}
    headers = {"Location": f"/v1/vendors/{entry['vendor_id']}/ledger"}
    return Answer(201, {"entry": shown, "deposit": _deposit(outcome.ticket)}, headers)


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET", path="/v1/vendors/{id}/ledger", policy=_READ, handler=read_ledger,
        tag="vendors", summary="Deposits of a vendor, and every entry", visible=require_vendor,
        query=pages.WindowQuery, answers={200: answers.LEDGER},
    ),
    Route(
        method="GET", path="/v1/vendors/{id}/credit", policy=_READ, handler=read_credit,
        tag="vendors", summary="Scores of a vendor and its managers", visible=require_vendor,
        query=CreditQuery, answers={200: answers.CREDIT},
    ),
    Route(
        method="POST", path="/v1/vendors/{id}/deposits", policy=_RECORD, handler=record,
        tag="vendors", summary="Record money received", visible=require_vendor, body=Payment,
        answers={201: answers.RECEIVED},
        example={
            "compound": "lotus", "fen": 5_000_000, "document": "回单 2026-1187",
            "required_fen": 5_000_000, "contract_until": "2028-12-31",
        },
    ),
)  # fmt: skip

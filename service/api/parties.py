"""`/v1/parties`: who reported, with names and phones masked (RULINGS 19)."""

from collections.abc import Mapping
from typing import Any

from service.api import pages
from service.api.answers import PARTY
from service.api.schemas import page_of
from service.core.actors import Role
from service.core.errors import NotFound
from service.edge import masking
from service.edge.conditions import etag
from service.edge.routes import Answer, Call, Policy, Route
from service.store.queries.directory import PARTIES, Asked, item, page, total

_READS = Policy(
    frozenset(
        {
            Role.DISPATCHER, Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER,
            Role.MANAGER, Role.AUDITOR, Role.ADMIN,
        }
    ),
    scope="tickets:read",
)  # fmt: skip


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a party; only `…/contact` of a ticket shows the full name and number."""
    return {
        "id": row["id"],
        "name": masking.name(row["name"]),
        "phone": masking.phone(row["phone"]),
        "place": {"id": row["place_id"], "name": row["place_name"]},
        "notice_version": row["notice_version"],
        "created_at": row["created_at"],
        "version": row["version"],
    }


def list_parties(call: Call) -> Answer:
    """Answer one page."""
    query, after = call.query, pages.position(call)
    asked = Asked(
        places=tuple(query.get("place", ())),
        after=None if after is None else (after[0], after[1]),
        limit=query["limit"] + 1,
    )
    with call.ports.uow() as tx:
        rows = page(tx, PARTIES, call.actor, asked)
        counted = total(tx, PARTIES, call.actor, asked) if "count" in query else None
    return pages.answer(
        call, rows, show=show, at=lambda row: [row["sort_key"], row["id"]], total=counted
    )


def get_party(call: Call) -> Answer:
    """Answer one party."""
    row = _seen(call)
    return Answer(200, show(row), {"ETag": etag(row["version"])})


def _seen(call: Call) -> Mapping[str, Any]:
    with call.ports.uow() as tx:
        row = item(tx, PARTIES, call.actor, call.path["id"])
    if row is None:
        raise NotFound
    return row


def _visible(call: Call) -> None:
    _seen(call)


ROUTES = (
    Route(method="GET", path="/v1/parties", policy=_READS, handler=list_parties, tag="parties",
          summary="List parties, masked", query=pages.PlacedQuery,
          answers={200: page_of(PARTY)}),
    Route(method="GET", path="/v1/parties/{id}", policy=_READS, handler=get_party, tag="parties",
          summary="Read a party, masked", visible=_visible, answers={200: PARTY}),
)  # fmt: skip

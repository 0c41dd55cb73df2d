"""Lists of tickets: filters, sort, fields, keyset pages (API 1)."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema

from service.api import pages, ticket_shape
from service.api.schemas import TICKET, page_of
from service.api.ticket_paths import READ
from service.core.errors import FieldError, ValidationFailed
from service.core.shapes import Choice, Instant, Text
from service.core.workflow import Workflow
from service.edge.reading import Words
from service.edge.routes import Answer, Call, Route
from service.sla.profile import URGENCIES
from service.store.queries import ticket_list, ticket_parts
from service.store.queries.ticket_list import DISPLAYS, SORTS, Filters, Window
from service.workflows import REGISTRY


def query_of(name: str, *flows: Workflow, **more: Any) -> type[Schema]:
    """Return the parameters of a list of these kinds; a wrong word is told the right ones."""
    states = dict.fromkeys(state.name for flow in flows for state in flow.states)
    names = dict.fromkeys(name for flow in flows for name in flow.clock_names)
    members: dict[str, Any] = {
        "state": Words(*states),
        "urgency": Words(*URGENCIES),
        "category": Words(),
        "crew": Words(),
        "vendor": Words(),
        "assignee": Choice("me"),
        "opened_from": Instant(),
        "opened_to": Instant(),
        "clock": Words(*(f"{name}:{shown}" for name in names for shown in DISPLAYS)),
        "q": Text(most=200),
        "sort": Words(*SORTS, *(f"-{name}" for name in SORTS), load_default=["next_due_at"]),
        "fields": Words(*ticket_shape.MEMBERS),
        "include": Words(*ticket_shape.INCLUDES, load_default=[]),
    }
    return type(name, (pages.PlacedQuery,), members | more)


def listed(call: Call) -> Answer:
    """List tickets."""
    query = call.query
    sort = _sort(query["sort"])
    filters = _filters(call, query)
    window = Window(
        sort=sort,
        after=pages.position(call),
        limit=query["limit"] + 1,
        counted="count" in query,
    )
    include = query["include"]
    with call.ports.uow() as tx:
        rows = ticket_list.page(tx, call.actor, filters, window)
        total = rows[0]["total"] if rows else None
        if window.counted and not rows:
            total = ticket_list.count(tx, call.actor, filters)
        ids = [row["id"] for row in rows[: query["limit"]]] if "clocks" in include else []
        clocks = ticket_parts.clocks(tx, ids) if ids else {}

    def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
        shown = ticket_shape.ticket(call, row)
        shown = {n: v for n, v in shown.items() if _wanted(n, query.get("fields"))}
        if "crew" in include:
            shown["crew"] = ticket_shape.crew(row)
        if "clocks" in include:
            found = clocks[row["id"]]
            shown["clocks"] = [ticket_shape.clock(call, c, row["now"], r) for c, r in found]
        return shown

    return pages.answer(
        call, rows, show=show, at=lambda row: ticket_list.keys_of(row, sort), total=total
    )


def _wanted(name: str, chosen: list[str] | None) -> bool:
    return chosen is None or name.removesuffix("_label") in chosen


def _sort(words: list[str]) -> tuple[tuple[str, bool], ...]:
    sort = tuple((word.removeprefix("-"), word.startswith("-")) for word in words)
    if len({name for name, _ in sort}) != len(sort):
        raise ValidationFailed([FieldError("?sort", "not_allowed")])
    return sort


def _filters(call: Call, query: Mapping[str, Any]) -> Filters:
    kinds = (call.route.kind,) if call.route.kind else tuple(query.get("kind", ()))
    kinds = kinds or tuple(call.ports.registry)
    codes = {code for kind in kinds for code in call.ports.catalogue.of(kind).codes}
    if set(query.get("category", ())) - codes:
        allowed = tuple(sorted(codes))
        raise ValidationFailed([FieldError("?category", "not_allowed", allowed=allowed)])
    return Filters(
        kinds=kinds,
        states=query.get("state", ()),
        urgencies=query.get("urgency", ()),
        categories=query.get("category", ()),
        places=query.get("place", ()),
        crews=query.get("crew", ()),
        vendors=query.get("vendor", ()),
        held_by=call.actor if "assignee" in query else None,
        opened_from=query.get("opened_from"),
        opened_to=query.get("opened_to"),
        clocks=[_pair(word) for word in query.get("clock", ())],
        words=query.get("q"),
    )


def _pair(word: str) -> tuple[str, str]:
    name, _, shown = word.partition(":")
    return name, shown


def _routes(workflows: Iterable[Workflow]) -> Iterable[Route]:
    shared: dict[str, Any] = {
        "method": "GET", "policy": READ, "handler": listed, "answers": {200: page_of(TICKET)},
    }  # fmt: skip
    flows = tuple(workflows)
    for flow in flows:
        yield Route(
            path=f"/v1/{flow.collection}", tag=flow.collection, kind=flow.kind,
            summary=f"List {flow.collection}", query=query_of(f"{flow.kind}_list", flow), **shared,
        )  # fmt: skip
    kind = Words(*(flow.kind for flow in flows))
    yield Route(
        path="/v1/tickets", tag="tickets", summary="List tickets of every kind",
        query=query_of("ticket_list", *flows, kind=kind), **shared,
    )  # fmt: skip


ROUTES: tuple[Route, ...] = tuple(_routes(REGISTRY))

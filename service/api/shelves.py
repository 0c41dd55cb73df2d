"""The five routes that places, crews, vendors and utilities have in common (RULINGS 20)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields

from service.api import pages
from service.api.schemas import page_of
from service.commands.ports import Outcome
from service.commands.register import Register, Revise, Shelf, register, revise
from service.core.actors import Role
from service.core.errors import NotFound
from service.core.shapes import fault
from service.edge.conditions import etag
from service.edge.routes import (
    ANY,
    MERGE_PATCH,
    Answer,
    Audience,
    Call,
    Policy,
    Route,
    replay,
)
from service.store.queries.directory import Asked, item, page, total

Show = Callable[[Mapping[str, Any]], Mapping[str, Any]]

ADMIN = Policy(frozenset({Role.ADMIN}), scope="admin")
OFFICES = frozenset(
    {
        Role.DISPATCHER, Role.COMMITTEE, Role.COMMUNITY_OFFICER, Role.STREET_OFFICER,
        Role.DISTRICT_OFFICER, Role.MANAGER, Role.AUDITOR, Role.ADMIN,
    }
)  # fmt: skip
"""Roles that look after a place from a desk."""

FIELD = frozenset({Role.CREW, Role.VENDOR_MANAGER})


class ReadOnly(fields.Field):  # type: ignore[type-arg]
    """A member that exists and is never written by the caller."""

    def _deserialize(self, *_: Any, **__: Any) -> Any:
        raise fault("read_only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One collection: how its rows are read, shown and written."""

    shelf: Shelf
    path: str
    tag: str
    noun: str
    show: Show
    columns: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    create: type[Schema]
    patch: type[Schema]
    query: type[pages.PlacedQuery]
    answer: Mapping[str, Any]
    example: Mapping[str, Any]
    patch_example: Mapping[str, Any]
    readers: frozenset[Role] | Audience = ANY
    filters: tuple[str, ...] = field(default=())

    def routes(self) -> tuple[Route, ...]:
        """Return list, item, create and patch."""
        reads = Policy(self.readers, scope="tickets:read")
        one = f"{self.path}/{{id}}"
        return (
            Route(method="GET", path=self.path, policy=reads, handler=self.list, tag=self.tag,
                  summary=f"List {self.tag}", query=self.query,
                  answers={200: page_of(self.answer)}),
            Route(method="POST", path=self.path, policy=ADMIN, handler=self.post, tag=self.tag,
                  summary=f"Add a {self.noun}", body=self.create, example=self.example,
                  answers={201: self.answer}),
            Route(method="GET", path=one, policy=reads, handler=self.get, tag=self.tag,
                  summary=f"Read a {self.noun}", visible=self.visible,
                  answers={200: self.answer}),
            Route(method="PATCH", path=one, policy=ADMIN, handler=self.change, tag=self.tag,
                  summary=f"Change a {self.noun}", body=self.patch, media=(MERGE_PATCH,),
                  visible=self.visible, example=self.patch_example,
                  answers={200: self.answer}),
        )  # fmt: skip

    def list(self, call: Call) -> Answer:
        """Answer one page."""
        query = call.query
        after = pages.position(call)
        asked = Asked(
            places=tuple(query.get("place", ())),
            filters={name: query.get(name) for name in self.filters},
            after=None if after is None else (after[0], after[1]),
            limit=query["limit"] + 1,
        )
        noun = self.shelf.noun
        with call.ports.uow() as tx:
            rows = page(tx, noun, call.actor, asked)
            counted = total(tx, noun, call.actor, asked) if "count" in query else None
        return pages.answer(
            call, rows, show=self.show, at=lambda row: [row["sort_key"], row["id"]], total=counted
        )

    def get(self, call: Call) -> Answer:
        """Answer one row with its version as ETag."""
        row = self._seen(call)
        return Answer(200, self.show(row), {"ETag": etag(row["version"])})

    def visible(self, call: Call) -> None:
        """Raise NotFound when the row is absent or out of the caller's scope."""
        self._seen(call)

    def _seen(self, call: Call) -> Mapping[str, Any]:
        with call.ports.uow() as tx:
            row = item(tx, self.shelf.noun, call.actor, call.path["id"])
        if row is None:
            raise NotFound
        return row

    def post(self, call: Call) -> Answer:
        """Add a row."""
        values = self.columns(call.body())
        cmd = Register(actor=call.actor, values=values, key=call.key(self._created))
        return answer_of(register(call.ports, self.shelf, cmd), self._created)

    def change(self, call: Call) -> Answer:
        """Change a row under If-Match; without effect the version stays."""
        call.require_visible()
        cmd = Revise(
            actor=call.actor,
            id=call.path["id"],
            version=call.version(),
            patch=self.columns(call.body()),
            key=call.key(self._changed),
        )
        return answer_of(revise(call.ports, self.shelf, cmd), self._changed)

    def _created(self, outcome: Outcome) -> Answer:
        row = outcome.ticket
        headers = {"Location": f"{self.path}/{row['id']}", "ETag": etag(row["version"])}
        return Answer(201, self.show(row), headers)

    def _changed(self, outcome: Outcome) -> Answer:
        return Answer(200, self.show(outcome.ticket), {"ETag": etag(outcome.ticket["version"])})


def answer_of(outcome: Outcome, render: Callable[[Outcome], Answer]) -> Answer:
    """Return the answer of a write: rendered now, or kept from the first call."""
    return render(outcome) if outcome.answer is None else replay(outcome.answer)

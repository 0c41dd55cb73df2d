"""`/v1/api-keys`: made once, shown once, revoked for good (API 2, RULINGS 36)."""

from collections.abc import Mapping
from typing import Any

from service.api import pages
from service.api.answers import API_KEY
from service.api.schemas import page_of
from service.api.shelves import ADMIN, answer_of
from service.commands.accounts import (
    ROLES,
    CreateKey,
    create_key_once,
    list_keys,
    revoke_key,
)
from service.commands.ports import Outcome
from service.core.actors import SCOPES
from service.core.errors import InvalidCursor, NotFound
from service.core.shapes import Choice, Flag, Instant, Many, Shape, Text, Whole
from service.edge.routes import Answer, Call, Route
from service.store.rows import as_uuid


class CreateApiKey(Shape):
    """A key for one role on one place; scopes default to all that the role may use."""

    role = Choice(*ROLES, required=True)
    place = Text(most=64, required=True)
    name = Text(most=200, required=True)
    crew = Text(most=64)
    vendor = Text(most=64)
    tier = Whole(least=1, most=3)
    lead = Flag()
    scopes = Many(Choice(*SCOPES), least=1)
    expires_at = Instant()


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a key as lists show it: never its text or digest."""
    names = ("id", "prefix", "name", "role", "scopes", "created_at", "expires_at", "revoked_at",
             "last_used_at")  # fmt: skip
    return {
        **{name: row[name] for name in names},
        "account": row["account_id"],
        "place": row["place_id"],
        "crew": row["crew_id"],
        "vendor": row["vendor_id"],
        "tier": row["tier"],
        "lead": row["is_lead"],
    }


def _rendered(outcome: Outcome, *, text: str | None) -> Answer:
    row = outcome.ticket
    headers = {"Location": f"/v1/api-keys/{row['id']}", "Cache-Control": "no-store"}
    return Answer(201, {**show(row), "key": text}, headers)


def post_key(call: Call) -> Answer:
    """Make a key. A replay of the call answers the same without the key's text."""
    body = dict(call.body())
    scopes = body.pop("scopes", None)
    cmd = CreateKey(
        actor=call.actor,
        scopes=None if scopes is None else tuple(scopes),
        key=call.key(lambda outcome: _rendered(outcome, text=None)),
        **body,
    )
    outcome = create_key_once(call.ports, cmd)
    return answer_of(outcome, lambda done: _rendered(done, text=done.ticket["key"]))


def get_keys(call: Call) -> Answer:
    """Answer one page, oldest first."""
    position = pages.position(call)
    after = None if position is None else as_uuid(position)
    if position is not None and after is None:
        raise InvalidCursor
    rows = list_keys(call.ports, actor=call.actor, after=after, limit=call.query["limit"] + 1)
    return pages.answer(call, rows, show=show, at=lambda row: str(row["id"]))


def delete_key(call: Call) -> Answer:
    """Revoke a key; whoever still uses it is refused within seconds."""
    ident = as_uuid(call.path["id"])
    if ident is None:
        raise NotFound
    revoke_key(call.ports, ident, actor=call.actor)
    return Answer(204)


ROUTES = (
    Route(method="GET", path="/v1/api-keys", policy=ADMIN, handler=get_keys, tag="api-keys",
          summary="List keys", query=pages.WindowQuery, answers={200: page_of(API_KEY)}),
    Route(method="POST", path="/v1/api-keys", policy=ADMIN, handler=post_key, tag="api-keys",
          summary="Make a key; its text is shown once", body=CreateApiKey, answers={201: API_KEY},
          example={"role": "auditor", "place": "lotus", "name": "年度审计"}),
    Route(method="DELETE", path="/v1/api-keys/{id}", policy=ADMIN, handler=delete_key,
          tag="api-keys", summary="Revoke a key", answers={204: None}),
)  # fmt: skip

"""`/v1/changes`: what happened since a number, without gaps (API 10)."""

import hashlib
from collections.abc import Mapping
from typing import Any

from service.api.answers import CHANGES
from service.api.pages import MOST_ROWS
from service.core.errors import InvalidCursor
from service.core.workflow import AMEND
from service.edge.conditions import none_match
from service.edge.reading import Count, Params, Words
from service.edge.routes import ANY, Answer, Call, Policy, Route
from service.store import feed
from service.store.queries.changes import Asked, read


class ChangesQuery(Params):
    """Where to go on, and what to leave out."""

    after = Count(least=0)
    limit = Count(least=1, most=MOST_ROWS, load_default=50)
    kind = Words()
    place = Words()


def list_changes(call: Call) -> Answer:
    """Answer the entries after a number; without one, the present head."""
    query = call.query
    with call.ports.uow() as tx:
        head = feed.head(tx)
        after = query.get("after", head)
        if after > head:
            raise InvalidCursor
        tag = _tag(call, after, head)
        if none_match(call.headers.get("If-None-Match"), tag):
            return Answer(304, None, {"ETag": tag})
        asked = Asked(
            after=after,
            limit=query["limit"],
            kinds=tuple(query.get("kind", ())),
            places=tuple(query.get("place", ())),
        )
        found = read(tx, call.actor, asked)
    body = {
        "data": [_show(row) for row in found.entries],
        "next_after": found.next_after,
        "has_more": found.has_more,
    }
    return Answer(200, body, {"ETag": tag})


def _tag(call: Call, after: int, head: int) -> str:
    """Return the tag: as long as the head stands still nothing visible has changed."""
    asked = sorted((n, v) for n, v in call.raw_query.items() if n != "after")
    seen_by = (call.actor.id, call.actor.role, call.actor.place_path, asked)
    digest = hashlib.blake2b(repr(seen_by).encode(), digest_size=6).hexdigest()
    return f'W/"c{after}-{head}-{digest}"'


def _show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if row["hidden"]:
        return {"seq": row["seq"], "op": "gone", "ticket": {"id": row["ticket_id"]}}
    names = ("kind", "number", "state", "version", "next_due_at")
    return {
        "seq": row["seq"],
        "op": "patch" if row["type"] == AMEND else "event",
        "ticket": {"id": row["ticket_id"], **{name: row[name] for name in names}},
        "event": {
            "id": row["event_id"],
            "seq": row["event_seq"],
            "type": row["type"],
            "from": row["from_state"] or None,
            "to": row["to_state"],
            "version": row["event_version"],
            "actor": {"role": row["actor_role"]},
            "occurred_at": row["occurred_at"],
            "received_at": row["received_at"],
        },
    }


ROUTES = (
    Route(method="GET", path="/v1/changes", policy=Policy(ANY, scope="tickets:read"),
          handler=list_changes, tag="changes", summary="What changed since a number",
          query=ChangesQuery, answers={200: CHANGES, 304: None}),
)  # fmt: skip

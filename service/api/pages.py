"""Keyset pages: the parameters, the cursor's binding, the answer with its Link (API 1)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from marshmallow import fields

from service.core.shapes import Choice
from service.edge import cursors
from service.edge.reading import Count, Params, Words
from service.edge.routes import Answer, Call

MOST_ROWS = 200
_NOT_A_FILTER = ("cursor", "limit", "count", "lang", "labels")


class WindowQuery(Params):
    """Where a page begins and how long it is."""

    limit = Count(least=1, most=MOST_ROWS, load_default=50)
    cursor = fields.String()


class PageQuery(WindowQuery):
    """A page that may also say how many rows the whole list has."""

    count = Choice("exact")


class PlacedQuery(PageQuery):
    """A list that filters by place: ids, each perhaps with its level before it (RULINGS 38)."""

    place = Words()


def position(call: Call) -> Any:
    """Return where the page begins, or None at the start. Raises InvalidCursor."""
    cursor = call.query.get("cursor")
    if cursor is None:
        return None
    return cursors.read(cursor, secret=call.settings.secret, binding=_binding(call))


def answer(
    call: Call,
    rows: Sequence[Mapping[str, Any]],
    *,
    show: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    at: Callable[[Mapping[str, Any]], Any],
    total: int | None = None,
) -> Answer:
    """Return one page of `rows`, of which one more than `limit` was read.

    `show` renders a row, `at` tells its position for the next page's cursor.
    """
    limit = call.query["limit"]
    shown = list(rows[:limit])
    cursor = None
    if len(rows) > limit:
        cursor = cursors.write(at(shown[-1]), secret=call.settings.secret, binding=_binding(call))
    body = cursors.page([show(row) for row in shown], limit=limit, next_cursor=cursor, total=total)
    return Answer(200, body, {"Link": _next(call, cursor)} if cursor else {})


def _binding(call: Call) -> bytes:
    filters = {name: v for name, v in call.raw_query.items() if name not in _NOT_A_FILTER}
    actor = call.actor
    who = (actor.id, actor.role, actor.place_path, actor.crew_id, actor.vendor_id)
    return cursors.bound_to(who, call.url.partition("?")[0], filters)


def _next(call: Call, cursor: str) -> str:
    query = urlencode({**call.raw_query, "cursor": cursor})
    return f'<{call.settings.base_url}{call.url.partition("?")[0]}?{query}>; rel="next"'

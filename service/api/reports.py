"""`/v1/reports`: figures a manager can follow to the last row (API 12, RULINGS 37).

Basis `occurred` counts by when things happened. Basis `received` counts every line from
the moment the service learned of it: the clocks of tickets of which something was told
late are worked out anew from their history in this call, so that it takes longer; all
others read the same on both bases and are taken as stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from service.api import csv_text, pages
from service.api.answers import REPORT, REPORT_ROW
from service.api.report_query import CSV, Question, ReportQuery, RowsQuery, read
from service.api.schemas import page_of
from service.core.actors import Role
from service.core.errors import InvalidCursor
from service.core.messages import text
from service.core.refs import HOME_ZONE
from service.edge.routes import Answer, Call, Policy, Route
from service.sla.notation import iso
from service.store.directory import node
from service.store.queries import breaches
from service.store.queries.breach_groups import DIMENSIONS, NONE
from service.store.queries.breaches import RESULTS, Position
from service.store.rows import as_uuid

_READS = Policy(
    frozenset(
        {
            Role.DISPATCHER, Role.MANAGER, Role.COMMUNITY_OFFICER, Role.STREET_OFFICER,
            Role.DISTRICT_OFFICER, Role.AUDITOR, Role.ADMIN,
        }
    ),
    scope="reports:read",
)  # fmt: skip
_PATH = "/v1/reports/sla-breaches"
_FIGURES = ("due", *RESULTS)
_ASKED = {"due": ("met", "breached", "breached_excused")}
_CHUNK = 1000
DEFINITIONS = ("period", "due", "open", "breach_rate", "tickets", "cause", "assignee")


def list_reports(call: Call) -> Answer:
    """Answer which reports there are, with their definitions."""
    entry = {
        "name": "sla-breaches",
        "title": text("report.sla-breaches", call.lang),
        "href": _PATH,
        "rows": f"{_PATH}/rows",
        "group_by": list(DIMENSIONS),
        "results": list(RESULTS),
        "formats": ["json", "csv"],
        "definitions": _definitions(call.lang),
    }
    return Answer(200, {"data": [entry], "has_more": False, "next_cursor": None})


def _definitions(lang: str) -> Mapping[str, str]:
    return {name: text(f"definition.{name}", lang) for name in DEFINITIONS}


def get_report(call: Call) -> Answer:
    """Answer the figures: the total, and one row a group."""
    with call.ports.uow() as tx:
        question = _question(call, tx)
        found = breaches.count(tx, question.asked, question.groups)
    whole, groups = found[0], found[1:]
    if question.form == CSV:
        return _figures_csv(question, groups if question.groups else found)
    hrefs = _Hrefs(call, question)
    total = {**_figures(whole), "tickets": whole["tickets"], "breach_rate": _rate(whole)}
    body = {
        "report": "sla-breaches",
        "basis": question.asked.basis,
        "from": question.asked.first,
        "to": question.asked.last,
        "data_as_of": question.asked.as_of,
        "time_zone": question.zone,
        "definitions": _definitions(call.lang),
        "total": {**total, "href": hrefs.of({}) | hrefs.tickets()},
        "data": [_group(call, question, row, hrefs) for row in groups],
    }
    return Answer(200, body)


def _question(call: Call, tx: Any) -> Question:
    place = node(tx, call.actor.place_id)
    return read(call, tx, place["time_zone"] if place else HOME_ZONE)


def _figures(row: Mapping[str, Any]) -> dict[str, int]:
    due: int = row["met"] + row["breached"] + row["breached_excused"]
    return {"due": due, **{name: row[name] for name in RESULTS}}


def _rate(row: Mapping[str, Any]) -> float | None:
    """Return breached of due, to four decimals; None when nothing was due."""
    due = _figures(row)["due"]
    return round(row["breached"] / due, 4) if due else None


def _group(
    call: Call, question: Question, row: Mapping[str, Any], hrefs: "_Hrefs"
) -> Mapping[str, Any]:
    keys = {name: row[f"by_{name}"] for name in question.groups}
    shown: dict[str, Any] = {}
    for name, key in keys.items():
        named = DIMENSIONS[name].names is not None and key is not None
        shown[name] = {"id": key, "name": row[f"name_{name}"]} if named else key
        if call.labels and not named and key is not None:
            shown[f"{name}_label"] = _label(call, name, key)
    own = {name: key if key is not None else NONE for name, key in keys.items()}
    return {**shown, **_figures(row), "breach_rate": _rate(row), "href": hrefs.of(own)}


def _label(call: Call, name: str, key: str) -> str:
    if name == "category":
        category = call.ports.catalogue.get(key)
        return category.labels[call.lang] if category else key
    kinds = call.query.get("kind", call.ports.registry)
    codes = (f"{name}.{key}", *(f"state.{kind}.{key}" for kind in kinds))
    return next((text(code, call.lang) for code in codes if text(code, call.lang) != code), key)


class _Hrefs:
    """Makes, for each figure, the address of exactly the rows it counts."""

    def __init__(self, call: Call, question: Question) -> None:
        dropped = ("group_by", "format", "count", "lang", "labels", "result", "from", "to")
        self._asked = {
            "from": question.asked.first.isoformat(),
            "to": question.asked.last.isoformat(),
            **{name: value for name, value in call.raw_query.items() if name not in dropped},
        }
        self._results = question.asked.results

    def of(self, group: Mapping[str, str]) -> dict[str, str | None]:
        """Return the addresses of a group's figures; None where nothing was asked for."""
        return {name: self._rows(_ASKED.get(name, (name,)), group) for name in _FIGURES}

    def tickets(self) -> dict[str, str | None]:
        """Return the address of the counted tickets, each once."""
        return {"tickets": f"{self._rows(self._results, {})}&per=ticket"}

    def _rows(self, results: Sequence[str], group: Mapping[str, str]) -> str | None:
        kept = [one for one in results if one in self._results]
        if not kept:
            return None
        # A group already lies inside the filter of its own dimension and replaces it.
        query = {**self._asked, **group, "result": ",".join(kept)}
        return f"{_PATH}/rows?{urlencode(query, safe=',:')}"


def _figures_csv(question: Question, rows: Sequence[Mapping[str, Any]]) -> Answer:
    header: list[str] = []
    for name in question.groups:
        header += [name, f"{name}_name"] if DIMENSIONS[name].names else [name]
    lines = (
        [
            *(row[column] for column in _key_columns(question, row)),
            *_figures(row).values(),
            _rate(row),
        ]
        for row in rows
    )
    return _csv("sla-breaches", question, [*header, *_FIGURES, "breach_rate"], lines)


def _key_columns(question: Question, row: Mapping[str, Any]) -> Iterator[str]:
    for name in question.groups:
        yield f"by_{name}"
        if f"name_{name}" in row:
            yield f"name_{name}"


def _csv(name: str, question: Question, header: Sequence[str], lines: Any) -> Answer:
    asked = question.asked
    headers = {
        "Content-Disposition": f'attachment; filename="{name}_{asked.first}_{asked.last}.csv"',
        "X-Data-As-Of": iso(asked.as_of) or "",
        "Cache-Control": "private, no-store",
    }
    stream = csv_text.stream(header, lines)
    return Answer(200, None, headers, CSV, stream)


def get_rows(call: Call) -> Answer:
    """Answer the clocks counted, in order of due time, each with its proof."""
    position = pages.position(call)
    per_ticket = call.query["per"] == "ticket"
    with call.ports.uow() as tx:
        question = _question(call, tx)
        if question.form == CSV:
            return _rows_csv(call, question, per_ticket=per_ticket)
        found = breaches.listed(
            tx, question.asked, after=_after(position), limit=call.query["limit"] + 1,
            per_ticket=per_ticket,
        )  # fmt: skip
        whole = breaches.count(tx, question.asked, ())[0] if "count" in call.query else None
    total = None
    if whole is not None:
        total = whole["tickets"] if per_ticket else sum(whole[name] for name in RESULTS)
    return pages.answer(call, found, show=lambda row: _row(call, row), at=_position, total=total)


def _position(row: Mapping[str, Any]) -> list[Any]:
    return [row["period_at"].isoformat(), str(row["ticket_id"]), row["name"], row["epoch"]]


def _after(position: Any) -> Position | None:
    if position is None:
        return None
    at, ticket, name, epoch = position
    ident = as_uuid(ticket)
    if ident is None:
        raise InvalidCursor
    return at, ident, name, epoch


def _row(call: Call, row: Mapping[str, Any]) -> Mapping[str, Any]:
    collection = call.ports.registry[row["kind"]].collection
    path = f"/v1/{collection}/{row['ticket_id']}"
    ticket = {
        "id": row["ticket_id"],
        "number": row["number"],
        "kind": row["kind"],
        "state": row["ticket_state"],
        "title": row["title"],
        "category": row["category"],
        "urgency": row["urgency"],
        "place": {"id": row["place_id"], "name": row["place_name"]},
    }
    held = {
        name: row[f"{name}_id"] and {"id": row[f"{name}_id"], "name": row[f"{name}_name"]}
        for name in ("crew", "vendor")
    }
    times = ("started_at", "due_at", "stopped_at", "breached_at")
    explain = f"{path}/clocks/{row['name']}/explain?epoch={row['epoch']}"
    return {
        "ticket": ticket,
        "clock": row["name"],
        "epoch": row["epoch"],
        "result": row["verdict"],
        "counted_at": row["period_at"],
        **{name: row[name] for name in times},
        "rule": row["rule"],
        **held,
        "href": {"ticket": path, "explain": explain},
    }


_ROW_HEADER = (
    "number", "kind", "state", "title", "category", "urgency", "place", "place_name", "clock",
    "epoch", "result", "counted_at", "started_at", "due_at", "stopped_at", "breached_at", "crew",
    "crew_name", "vendor", "vendor_name", "rule",
)  # fmt: skip
_ROW_COLUMNS = (
    "number", "kind", "ticket_state", "title", "category", "urgency", "place_id", "place_name",
    "name", "epoch", "verdict", "period_at", "started_at", "due_at", "stopped_at", "breached_at",
    "crew_id", "crew_name", "vendor_id", "vendor_name", "rule",
)  # fmt: skip


def _rows_csv(call: Call, question: Question, *, per_ticket: bool) -> Answer:
    def lines() -> Iterator[Sequence[Any]]:
        after: Position | None = None
        while True:
            # A short transaction a chunk: a slow reader must not hold one open.
            with call.ports.uow() as tx:
                rows = breaches.listed(
                    tx, question.asked, after=after, limit=_CHUNK, per_ticket=per_ticket
                )
            for row in rows:
                yield [_written(row[column]) for column in _ROW_COLUMNS]
            if len(rows) < _CHUNK:
                return
            after = _after(_position(rows[-1]))

    return _csv("sla-breaches-rows", question, _ROW_HEADER, lines())


def _written(value: Any) -> Any:
    return iso(value) if hasattr(value, "astimezone") else value


ROUTES = (
    Route(method="GET", path="/v1/reports", policy=_READS, handler=list_reports, tag="reports",
          summary="List reports with their definitions"),
    Route(method="GET", path=_PATH, policy=_READS, handler=get_report, tag="reports",
          summary="SLA breaches by one or two dimensions", query=ReportQuery,
          answers={200: REPORT}),
    Route(method="GET", path=f"{_PATH}/rows", policy=_READS, handler=get_rows, tag="reports",
          summary="The clocks behind a figure", query=RowsQuery,
          answers={200: page_of(REPORT_ROW)}),
)  # fmt: skip

"""What a report may be asked: the parameters of API 12, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import fields

from service.api.pages import MOST_ROWS
from service.core.errors import FieldError, ValidationFailed
from service.core.shapes import Choice
from service.edge.reading import Count, Day, Params, Words
from service.edge.refusals import NotAcceptable
from service.edge.routes import Call
from service.store.queries.breach_groups import DIMENSIONS, NONE
from service.store.queries.breaches import RESULTS, Asked
from service.store.queries.received import retell
from service.store.unit_of_work import Tx

LONGEST_DAYS: Final = 400
MOST_GROUPS: Final = 2
JSON, CSV = "application/json", "text/csv"
OFFERED: Final = (JSON, CSV)


class Filters(Params):
    """Period, filters and basis; every dimension is also a filter, `none` its empty group."""

    first = Day(data_key="from")
    last = Day(data_key="to")
    basis = Choice("occurred", "received", load_default="occurred")
    place = Words()
    result = Words(*RESULTS)
    format = fields.String()
    kind = Words()
    clock = Words()
    category = Words()
    urgency = Words("emergency", "urgent", "normal", NONE)
    crew = Words()
    vendor = Words()
    district = Words()
    street = Words()
    community = Words()
    compound = Words()
    building = Words()
    tier = Words("1", "2", "3", NONE)
    cause = Words()
    day = Words()
    week = Words()
    month = Words()
    hour = Words()
    weekday = Words("1", "2", "3", "4", "5", "6", "7")


class ReportQuery(Filters):
    """A table of figures."""

    group_by = Words(*DIMENSIONS)


class RowsQuery(Filters):
    """The clocks behind a figure; `per=ticket` lists each ticket once."""

    per = Choice("clock", "ticket", load_default="clock")
    limit = Count(least=1, most=MOST_ROWS, load_default=50)
    cursor = fields.String()
    count = Choice("exact")
    group_by = Words(*DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in which groups and form. `zone` is that of the caller's place."""

    asked: Asked
    groups: tuple[str, ...]
    zone: str
    form: str


def read(call: Call, tx: Tx, zone: str) -> Question:
    """Return the question. Raises ValidationFailed, NotAcceptable."""
    query, now = call.query, tx.now()
    form = _form(call)
    groups = tuple(query.get("group_by", ()))
    faults = [*_unknown(call), *_too_many(groups)]
    first, last = _period(query, now, zone)
    faults += _wrong_period(query, first, last)
    if faults:
        raise ValidationFailed(faults)
    asked = Asked(
        actor=call.actor,
        first=first,
        last=last,
        as_of=now,
        filters={name: query[name] for name in DIMENSIONS if name in query},
        results=query.get("result", RESULTS),
        places=query.get("place", ()),
        basis=query["basis"],
    )
    if asked.basis == "received":
        policies, calendars = call.ports.policies, call.ports.calendars
        asked = retell(tx, asked, policies=policies, calendars=calendars)
    return Question(asked, groups, zone, form)


def _period(query: Mapping[str, Any], now: datetime, zone: str) -> tuple[date, date]:
    """Return the period, both days inclusive; without one the month to date."""
    today = now.astimezone(ZoneInfo(zone)).date()
    last: date = query.get("last", today)
    first: date = query.get("first", last.replace(day=1))
    return first, last


def _wrong_period(query: Mapping[str, Any], first: date, last: date) -> list[FieldError]:
    if last < first:
        return [FieldError("?to" if "last" in query else "?from", "out_of_range")]
    if last - first > timedelta(days=LONGEST_DAYS):
        return [FieldError("?from", "out_of_range")]
    return []


def _too_many(groups: tuple[str, ...]) -> list[FieldError]:
    return [FieldError("?group_by", "too_long")] if len(groups) > MOST_GROUPS else []


def _unknown(call: Call) -> list[FieldError]:
    """Return a fault for each name that no workflow and no catalogue knows."""
    registry = call.ports.registry
    known = {
        "kind": tuple(registry),
        "clock": tuple(dict.fromkeys(n for w in registry.values() for n in w.clock_names)),
        "category": tuple(sorted(call.ports.catalogue.codes)),
    }
    return [
        FieldError(f"?{name}", "not_allowed", allowed=allowed)
        for name, allowed in known.items()
        if not set(call.query.get(name, ())) <= {*allowed, NONE}
    ]


def _form(call: Call) -> str:
    """Return the content type: `format` decides, else Accept, else JSON."""
    named = call.query.get("format")
    if named is not None:
        found = {"json": JSON, "csv": CSV}.get(named)
        if found is None:
            raise NotAcceptable(OFFERED)
        return found
    ranges = [part.partition(";")[0].strip() for part in call.headers.get("Accept", "").split(",")]
    for accepted in ranges:
        if accepted in ("", "*/*", "application/*", JSON):
            return JSON
        if accepted in (CSV, "text/*"):
            return CSV
    raise NotAcceptable(OFFERED)

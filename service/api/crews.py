"""`/v1/crews`: who may be sent, with skills, shifts and what they hold now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields, validate

from service.api import answers
from service.api.pages import PlacedQuery
from service.api.places import IDENT
from service.api.shelves import FIELD, OFFICES, ReadOnly, Resource
from service.commands.crews import CREW
from service.core.shapes import Day, Many, Shape, Text
from service.edge.reading import Words

_CLOCK = validate.Regexp(r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", error="out_of_range")


class Shift(Shape):
    """Local hours; `to` before `from` crosses midnight."""

    start = fields.String(data_key="from", required=True, validate=_CLOCK)
    end = fields.String(data_key="to", required=True, validate=_CLOCK)


class Certificate(Shape):
    """A trade and the last day on which the certificate is valid."""

    trade = Text(most=64, required=True)
    valid_until = Day(required=True)


class CreateCrew(Shape):
    """A new crew."""

    id = fields.String(validate=IDENT)
    name = Text(most=200, required=True)
    vendor = Text(most=64, allow_none=True)
    place = Text(most=64, required=True)
    skills = Many(Text(most=64))
    certificates = Many(fields.Nested(Certificate))
    shifts = Many(fields.Nested(Shift), most=21)


class PatchCrew(Shape):
    """What may change of a crew."""

    id = ReadOnly()
    on_shift = ReadOnly()
    open_orders = ReadOnly()
    last_contact_at = ReadOnly()
    name = Text(most=200)
    vendor = Text(most=64, allow_none=True)
    place = Text(most=64)
    skills = Many(Text(most=64))
    certificates = Many(fields.Nested(Certificate))
    shifts = Many(fields.Nested(Shift), most=21)


class CrewQuery(PlacedQuery):
    """Filters of the list."""

    skill = Words()
    vendor = Words()


def on_shift(shifts: list[Mapping[str, str]], now: datetime, zone: str) -> bool:
    """Tell whether `now` lies in a shift; the start belongs to it, the end does not."""
    clock = f"{now.astimezone(ZoneInfo(zone)):%H:%M}"
    return any(_within(clock, shift["from"], shift["to"]) for shift in shifts)


def _within(clock: str, start: str, end: str) -> bool:
    """Compare local HH:MM; a shift may cross midnight, equal ends mean round the clock."""
    if start < end:
        return start <= clock < end
    return clock >= start or clock < end


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a crew as the API shows it."""
    vendor = row["vendor_id"] and {"id": row["vendor_id"], "name": row["vendor_name"]}
    return {
        "id": row["id"],
        "name": row["name"],
        "vendor": vendor,
        "place": {"id": row["place_id"], "name": row["place_name"]},
        "skills": row["skills"],
        "certificates": row["certificates"],
        "shifts": row["shifts"],
        "on_shift": on_shift(row["shifts"], row["now"], row["time_zone"]),
        "open_orders": row["open_orders"],
        "last_contact_at": row["last_contact_at"],
        "version": row["version"],
    }


def _columns(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = {"vendor_id" if n == "vendor" else n: v for n, v in body.items() if n != "place"}
    if "place" in body:
        found["place_id"] = body["place"]
    if "certificates" in body:
        found["certificates"] = [
            {"trade": c["trade"], "valid_until": c["valid_until"].isoformat()}
            for c in body["certificates"]
        ]
    if "shifts" in body:
        found["shifts"] = [{"from": s["start"], "to": s["end"]} for s in body["shifts"]]
    return found


ROUTES = Resource(
    shelf=CREW,
    path="/v1/crews",
    tag="crews",
    noun="crew",
    show=show,
    columns=_columns,
    create=CreateCrew,
    patch=PatchCrew,
    query=CrewQuery,
    answer=answers.CREW,
    readers=OFFICES | FIELD,
    filters=("skill", "vendor"),
    example={
        "id": "c12", "name": "赵师傅", "place": "lotus", "skills": ["plumbing"],
        "certificates": [{"trade": "electrician", "valid_until": "2027-06-30"}],
        "shifts": [{"from": "08:00", "to": "20:00"}],
    },
    patch_example={"shifts": [{"from": "20:00", "to": "08:00"}]},
).routes()  # fmt: skip

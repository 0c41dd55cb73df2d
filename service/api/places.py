"""`/v1/places`: the tree everything lies on."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from service.api import answers
from service.api.pages import PlacedQuery
from service.api.shelves import ReadOnly, Resource
from service.commands.places import LEVELS, PLACE
from service.core.shapes import Choice, Day, Flag, Shape, Text
from service.edge.reading import Words

IDENT = validate.Regexp(r"^[A-Za-z0-9_-]{1,64}$", error="forbidden_character")


class Flags(Shape):
    """What rules ask about a compound."""

    no_manager = Flag()
    micro_circulation_open = Flag()
    committee = Flag()
    warranty_until = Day(allow_none=True)
    profiles = fields.Dict(keys=Text(most=64), values=Text(most=64))


class CreatePlace(Shape):
    """A new node. Its path is its parent's and its `slug`, which is the id unless given."""

    id = fields.String(validate=IDENT)
    slug = fields.String(validate=IDENT)
    level = Choice(*LEVELS, required=True)
    name = Text(most=200, required=True)
    parent = Text(most=64, required=True)
    time_zone = Text(most=64)
    profile = Text(most=64, allow_none=True)
    flags = fields.Nested(Flags)


class PatchPlace(Shape):
    """What may change of a node; it never moves."""

    id = ReadOnly()
    level = ReadOnly()
    path = ReadOnly()
    parent = ReadOnly()
    name = Text(most=200)
    time_zone = Text(most=64)
    profile = Text(most=64, allow_none=True)
    flags = fields.Nested(Flags)


class PlaceQuery(PlacedQuery):
    """Filters of the list."""

    level = Words(*LEVELS)
    parent = Words()


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a place as the API shows it; flags only where there are any."""
    names = ("id", "level", "path", "name", "parent", "time_zone", "profile", "version")
    return {name: row[name] for name in names} | ({"flags": row["flags"]} if row["flags"] else {})


def _columns(body: Mapping[str, Any]) -> Mapping[str, Any]:
    if "flags" not in body:
        return body
    flags = {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in body["flags"].items()
        if value is not None
    }
    return {**body, "flags": flags}


ROUTES = Resource(
    shelf=PLACE,
    path="/v1/places",
    tag="places",
    noun="place",
    show=show,
    columns=_columns,
    create=CreatePlace,
    patch=PatchPlace,
    query=PlaceQuery,
    answer=answers.PLACE,
    filters=("level", "parent"),
    example={"id": "lotus-3", "level": "building", "name": "荷花苑3幢", "parent": "lotus"},
    patch_example={"name": "荷花苑三幢"},
).routes()

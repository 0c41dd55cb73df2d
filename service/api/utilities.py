"""`/v1/utilities`: whom to call when the trouble is not ours (R-REP-11)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from service.api import answers
from service.api.pages import PlacedQuery
from service.api.places import IDENT
from service.api.shelves import ReadOnly, Resource
from service.commands.utilities import UTILITY
from service.core.shapes import Shape, Text
from service.edge.reading import Words

_PHONE = validate.Regexp(r"^[0-9+() -]{3,40}$", error="forbidden_character")


class CreateUtility(Shape):
    """A new entry."""

    id = fields.String(validate=IDENT)
    trade = Text(most=64, required=True)
    name = Text(most=200, required=True)
    phone = fields.String(validate=_PHONE, required=True)
    place = Text(most=64, required=True)


class PatchUtility(Shape):
    """What may change of an entry."""

    id = ReadOnly()
    trade = Text(most=64)
    name = Text(most=200)
    phone = fields.String(validate=_PHONE)
    place = Text(most=64)


class UtilityQuery(PlacedQuery):
    """Filters of the list."""

    trade = Words()


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an entry as the API shows it. The number is public and not masked."""
    own = {name: row[name] for name in ("id", "trade", "name", "phone", "version")}
    return {**own, "place": {"id": row["place_id"], "name": row["place_name"]}}


def _columns(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"place_id" if name == "place" else name: value for name, value in body.items()}


ROUTES = Resource(
    shelf=UTILITY,
    path="/v1/utilities",
    tag="utilities",
    noun="utility",
    show=show,
    columns=_columns,
    create=CreateUtility,
    patch=PatchUtility,
    query=UtilityQuery,
    answer=answers.UTILITY,
    filters=("trade",),
    example={
        "id": "gas-east", "trade": "gas", "name": "城东燃气", "phone": "028-96777",
        "place": "lotus",
    },
    patch_example={"phone": "028-96778"},
).routes()  # fmt: skip

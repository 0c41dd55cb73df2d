"""`/v1/vendors`: contractors, the pool, and outside bodies; `?pool=active` is the pool."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from service.api import answers
from service.api.pages import PlacedQuery
from service.api.places import IDENT
from service.api.shelves import FIELD, OFFICES, ReadOnly, Resource
from service.commands.vendors import VENDOR
from service.core.shapes import Choice, Day, Flag, Many, Shape, Text, Whole
from service.edge.reading import Words

LISTED = ("red", "black", "none")
BODIES = ("developer", "title_unit", "authority")


class Pool(Shape):
    """Membership of the contractor pool: for which trades, to which day."""

    active = Flag()
    trades = Many(Text(most=64))
    valid_until = Day(allow_none=True)


class Vendor(Shape):
    """What may change of a vendor."""

    name = Text(most=200)
    place = Text(most=64)
    service_lines = Many(Text(most=64))
    body = Choice(*BODIES, allow_none=True)
    pool = fields.Nested(Pool)
    capacity = Whole(most=10_000)
    listed = Choice(*LISTED)
    market_exit = Flag()


class PatchVendor(Vendor):
    """A change; the id stays."""

    id = ReadOnly()


class CreateVendor(Vendor):
    """A new vendor."""

    id = fields.String(validate=IDENT)
    name = Text(most=200, required=True)
    place = Text(most=64, required=True)


class VendorQuery(PlacedQuery):
    """Filters of the list."""

    pool = Choice("active", "inactive")
    trade = Words()
    listed = Words(*LISTED)


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a vendor as the API shows it."""
    return {
        "id": row["id"],
        "name": row["name"],
        "place": {"id": row["place_id"], "name": row["place_name"]},
        "service_lines": row["service_lines"],
        "body": row["body"],
        "pool": {
            "active": row["pool_active"],
            "trades": row["pool_trades"],
            "valid_until": row["pool_valid_until"],
        },
        "capacity": row["capacity"],
        "listed": row["listed"],
        "market_exit": row["market_exit"],
        "blocked": row["blocked"],
        "version": row["version"],
    }


def _columns(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = {n: v for n, v in body.items() if n not in ("place", "pool")}
    if "place" in body:
        found["place_id"] = body["place"]
    return found | {f"pool_{name}": value for name, value in body.get("pool", {}).items()}


ROUTES = Resource(
    shelf=VENDOR,
    path="/v1/vendors",
    tag="vendors",
    noun="vendor",
    show=show,
    columns=_columns,
    create=CreateVendor,
    patch=PatchVendor,
    query=VendorQuery,
    answer=answers.VENDOR,
    readers=OFFICES | FIELD,
    filters=("pool", "trade", "listed"),
    example={
        "id": "v-lift", "name": "安顺电梯", "place": "lotus", "service_lines": ["lift"],
        "pool": {"active": True, "trades": ["lift"], "valid_until": "2027-12-31"},
    },
    patch_example={"listed": "red"},
).routes()  # fmt: skip

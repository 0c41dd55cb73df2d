"""Adds and revises vendors, the contractor pool and outside bodies."""

from collections.abc import Mapping
from typing import Any

from service.commands.register import Shelf, place_of
from service.core.actors import Actor
from service.store.queries.directory import VENDORS
from service.store.unit_of_work import Tx

_DEFAULTS: Mapping[str, Any] = {
    "service_lines": [], "body": None, "pool_active": False, "pool_trades": [],
    "pool_valid_until": None, "capacity": 20, "listed": "none", "market_exit": False,
}  # fmt: skip


def _rules(tx: Tx, actor: Actor, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    place = place_of(tx, actor, wanted["place_id"])
    own = {name: wanted.get(name, default) for name, default in _DEFAULTS.items()}
    home = {"place_id": place["id"], "place_key": place["key"]}
    return {"id": wanted["id"], "name": wanted["name"], **home, **own}


VENDOR = Shelf("vendor", VENDORS, _rules)

"""Adds and revises entries of the utility directory (R-REP-11)."""

from collections.abc import Mapping
from typing import Any

from service.commands.register import Shelf, place_of
from service.core.actors import Actor
from service.store.queries.directory import UTILITIES
from service.store.unit_of_work import Tx


def _rules(tx: Tx, actor: Actor, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    place = place_of(tx, actor, wanted["place_id"])
    own = {name: wanted[name] for name in ("id", "trade", "name", "phone")}
    return {**own, "place_id": place["id"], "place_key": place["key"]}


UTILITY = Shelf("utility", UTILITIES, _rules)

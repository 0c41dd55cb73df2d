"""Adds and revises crews."""

from collections.abc import Mapping
from typing import Any

from service.commands.register import Shelf, place_of
from service.core.actors import Actor
from service.core.errors import FieldError, ValidationFailed
from service.store import directory
from service.store.queries.directory import CREWS
from service.store.unit_of_work import Tx


def _rules(tx: Tx, actor: Actor, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    place = place_of(tx, actor, wanted["place_id"])
    vendor = wanted.get("vendor_id")
    if vendor is not None and not _serves(directory.vendor_at(tx, vendor), place["path"]):
        raise ValidationFailed([FieldError("/vendor", "not_allowed")])
    return {
        "id": wanted["id"],
        "name": wanted["name"],
        "vendor_id": vendor,
        "place_id": place["id"],
        "place_key": place["key"],
        "skills": list(wanted.get("skills", ())),
        "certificates": list(wanted.get("certificates", ())),
        "shifts": list(wanted.get("shifts", ())),
    }


def _serves(vendor: Mapping[str, Any] | None, path: str) -> bool:
    """Tell whether the vendor stands on the crew's branch of the tree, above or below it."""
    if vendor is None:
        return False
    home: str = vendor["path"]
    return f"{path}/".startswith(f"{home}/") or f"{home}/".startswith(f"{path}/")


CREW = Shelf("crew", CREWS, _rules)

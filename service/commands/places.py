"""Adds and revises nodes of the place tree (DOMAIN 1.1)."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from service.commands.register import Shelf, place_of
from service.core.actors import Actor
from service.core.errors import FieldError, TemplateProfile, ValidationFailed
from service.core.refs import HOME_ZONE
from service.store import directory
from service.store.queries.directory import PLACES
from service.store.unit_of_work import Tx

LEVELS = ("district", "street", "community", "compound", "building", "unit", "household")
_CHOOSES_PROFILE = LEVELS[: LEVELS.index("compound") + 1]


def _rules(tx: Tx, actor: Actor, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row: below its parent, with a path, a zone and a usable profile.

    `path` is computed once, from the parent's and the node's `slug` (else its id): tickets
    carry it, so a node never moves.
    """
    parent = _parent(tx, actor, wanted)
    slug = wanted.get("slug") or wanted["id"]
    zone = wanted.get("time_zone") or (parent["time_zone"] if parent else HOME_ZONE)
    if zone not in available_timezones():
        raise ValidationFailed([FieldError("/time_zone", "not_allowed")])
    _profile(tx, wanted)
    return {
        "id": wanted["id"],
        "level": wanted["level"],
        "path": wanted.get("path") or (f"{parent['path']}/{slug}" if parent else slug),
        "name": wanted["name"],
        "parent": wanted.get("parent"),
        "time_zone": zone,
        "profile": wanted.get("profile"),
        "flags": wanted.get("flags") or {},
    }


def _parent(tx: Tx, actor: Actor, wanted: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the parent. Only the whole tree's keeper (SYSTEM) plants a district."""
    if "path" in wanted:
        return directory.node(tx, wanted["parent"])
    if wanted.get("parent") is None:
        if actor.place_path == "" and wanted["level"] == LEVELS[0]:
            return None
        raise ValidationFailed([FieldError("/parent", "required")])
    parent = place_of(tx, actor, wanted["parent"], "/parent")
    below = LEVELS[LEVELS.index(parent["level"]) + 1 :]
    if wanted["level"] not in below:
        raise ValidationFailed([FieldError("/level", "not_allowed", allowed=below)])
    return parent


def _profile(tx: Tx, wanted: Mapping[str, Any]) -> None:
    """Raise TemplateProfile, naming what is missing, for a profile with blanks (R-REP-24)."""
    chosen = dict((wanted.get("flags") or {}).get("profiles", {}))
    named = [(f"/flags/profiles/{family}", family, name) for family, name in chosen.items()]
    if wanted.get("profile") is not None:
        named.append(("/profile", "repair", wanted["profile"]))
    for pointer, family, profile in named:
        found = directory.newest_profile(tx, profile)
        if found is None or found["kind"] != family or wanted["level"] not in _CHOOSES_PROFILE:
            allowed = directory.choosable_profiles(tx, family)
            raise ValidationFailed([FieldError(pointer, "not_allowed", allowed=allowed)])
        if found["missing"]:
            raise TemplateProfile(profile, tuple(found["missing"]))


PLACE = Shelf("place", PLACES, _rules)

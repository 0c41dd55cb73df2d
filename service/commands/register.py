"""Adds and revises rows of the directory: what places, crews, vendors and utilities share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.commands.once import once_only
from service.commands.ports import Key, Outcome, Ports
from service.core.actors import Actor
from service.core.errors import (
    FieldError,
    Forbidden,
    NotFound,
    ValidationFailed,
    VersionMismatch,
)
from service.store import directory
from service.store.queries.directory import Noun, item
from service.store.unit_of_work import Tx

Rules = Callable[[Tx, Actor, Mapping[str, Any]], Mapping[str, Any]]
"""Checks the wanted row and completes it. Raises ValidationFailed."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of row: its table, how it is read back, and its rules."""

    table: str
    noun: Noun
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A new row. `values` are columns; without an id the service mints one."""

    actor: Actor
    values: Mapping[str, Any]
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revise:
    """A change of some columns. `version` None stands for "whatever it is now"."""

    actor: Actor
    id: str
    version: int | None
    patch: Mapping[str, Any]
    key: Key | None = None


def register(ports: Ports, shelf: Shelf, cmd: Register) -> Outcome:
    """Add a row inside the actor's scope. Raises ValidationFailed, AlreadyExists."""

    def act() -> Outcome:
        ident = cmd.values.get("id") or str(ports.ids.new(tx.now()))
        row = shelf.rules(tx, cmd.actor, {**cmd.values, "id": ident})
        directory.insert(tx, shelf.table, row)
        return Outcome("created", _read(tx, shelf, cmd.actor, ident), {})

    with ports.uow() as tx:
        return once_only(tx, cmd.actor, cmd.key, act)


def revise(ports: Ports, shelf: Shelf, cmd: Revise) -> Outcome:
    """Change a row; without effect the version stays and `how` is `same`.

    Raises NotFound, Forbidden, VersionMismatch, ValidationFailed.
    """

    def act() -> Outcome:
        before = _lock(tx, shelf, cmd)
        wanted = shelf.rules(tx, cmd.actor, {**before, **cmd.patch})
        changed = any(before[name] != value for name, value in wanted.items())
        if changed:
            directory.update(tx, shelf.table, wanted)
        how = "changed" if changed else "same"
        return Outcome(how, _read(tx, shelf, cmd.actor, cmd.id), {})

    with ports.uow() as tx:
        seen = item(tx, shelf.noun, cmd.actor, cmd.id)
        if seen is None:
            raise NotFound
        return once_only(tx, cmd.actor, cmd.key, act)


def _lock(tx: Tx, shelf: Shelf, cmd: Revise) -> Mapping[str, Any]:
    row = directory.lock(tx, shelf.table, cmd.id)
    if row is None:
        raise NotFound
    home = row["path"] if shelf.table == "place" else row["place_key"].removesuffix("/")
    if not cmd.actor.covers(home):
        # It serves the actor's place from above: seen, but kept by somebody else.
        raise Forbidden(needed="place")
    if cmd.version is not None and cmd.version != row["version"]:
        raise VersionMismatch(row["version"])
    return row


def _read(tx: Tx, shelf: Shelf, actor: Actor, ident: str) -> Mapping[str, Any]:
    row = item(tx, shelf.noun, actor, ident)
    if row is None:
        raise NotFound
    return row


def place_of(
    tx: Tx, actor: Actor, place_id: str | None, pointer: str = "/place"
) -> Mapping[str, Any]:
    """Return a place inside the actor's scope. Raises ValidationFailed `unknown_place`."""
    found = directory.node(tx, place_id)
    if found is None or not actor.covers(found["path"]):
        raise ValidationFailed([FieldError(pointer, "unknown_place")])
    return found

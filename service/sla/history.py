"""What a ticket's history says to its clocks: operations, terms, marks, and their JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from service.core.workflow import Mark as Line
from service.sla.notation import iso, moment, read_moment

SLA_LINES: Final = frozenset(str(line) for line in Line)
"""Lines by which the service records what clocks did; they never move a ticket."""

CAUSE: Final = "@"
"""Begins the cause of a pause that no state shows, as clocks and explanations keep it."""

Verb = Literal["start", "stop", "end", "excuse", "rebase", "extend", "pause", "resume", "fired"]


@dataclass(frozen=True, slots=True)
class Op:
    """What one history line does to a clock; "*" means every one.

    `since` counts from then instead of from the event; for `rebase` it is the new
    opening time. `due` fixes the due time. `cause` is the word for a `pause`, and which one a
    `resume` ends, None for any. `epoch` and `level` belong to `fired`.
    """

    verb: Verb
    clock: str
    since: datetime | None = None
    due: datetime | None = None
    epoch: int = 0
    level: int = 0
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a ticket agreed to when its profile was copied (RULINGS 23).

    `variant` is the column of the profile's targets: an urgency, a tier or a grade.
    `absolute` names the clocks of the local day that apply: water_same_day, power_same_night.
    """

    profile: str
    profile_version: int
    variant: str
    opened_at: datetime
    time_zone: str
    absolute: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the history, as clocks see it. `at` is its effective time."""

    seq: int
    event: str
    at: datetime
    received_at: datetime
    to_state: str
    ops: tuple[Op, ...] = ()
    terms: Terms | None = None


def effects(ops: tuple[Op, ...], terms: Terms | None) -> dict[str, Any]:
    """Return the JSON of one line's operations and new terms; empty members are left out."""
    found: dict[str, Any] = {}
    if ops:
        found["ops"] = [_op_body(op) for op in ops]
    if terms is not None:
        found["terms"] = _terms_body(terms)
    return found


def read_effects(body: Mapping[str, Any]) -> tuple[tuple[Op, ...], Terms | None]:
    """Return what `effects` wrote."""
    terms = body.get("terms")
    return (
        tuple(_read_op(op) for op in body.get("ops", ())),
        None if terms is None else _read_terms(terms),
    )


def read_mark(line: Mapping[str, Any]) -> Mark:
    """Return the history line that a row of `event` holds."""
    ops, terms = read_effects(line["effects"])
    return Mark(
        seq=line["seq"],
        event=line["type"],
        at=line["occurred_at"],
        received_at=line["received_at"],
        to_state=line["to_state"],
        ops=ops,
        terms=terms,
    )


def _op_body(op: Op) -> dict[str, Any]:
    body: dict[str, Any] = {"verb": op.verb, "clock": op.clock}
    if op.since is not None:
        body["since"] = iso(op.since)
    if op.due is not None:
        body["due"] = iso(op.due)
    if op.cause is not None:
        body["cause"] = op.cause
    if op.verb == "fired":
        body |= {"epoch": op.epoch, "level": op.level}
    return body


def _read_op(body: Mapping[str, Any]) -> Op:
    return Op(
        verb=body["verb"],
        clock=body["clock"],
        since=moment(body.get("since")),
        due=moment(body.get("due")),
        epoch=body.get("epoch", 0),
        level=body.get("level", 0),
        cause=body.get("cause"),
    )


def _terms_body(terms: Terms) -> dict[str, Any]:
    return {
        "profile": terms.profile,
        "profile_version": terms.profile_version,
        "variant": terms.variant,
        "opened_at": iso(terms.opened_at),
        "time_zone": terms.time_zone,
        "absolute": sorted(terms.absolute),
    }


def _read_terms(body: Mapping[str, Any]) -> Terms:
    return Terms(
        profile=body["profile"],
        profile_version=body["profile_version"],
        variant=body["variant"],
        opened_at=read_moment(body["opened_at"]),
        time_zone=body["time_zone"],
        absolute=frozenset(body["absolute"]),
    )

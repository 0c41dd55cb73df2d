"""SLA profiles: the numbers of one variant, versioned, each with the rule it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import timedelta
from typing import Any, Final

from service.core.errors import TemplateProfile
from service.sla.notation import duration, read_duration

URGENCIES: Final = ("emergency", "urgent", "normal")


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of an escalation ladder: level 0 is the breach, `after` counts from it.

    `action` is a proposal shown to the roles. A rung with `urgency` is for that one only.
    """

    level: int
    after: timedelta
    roles: tuple[str, ...]
    action: str | None = None
    urgency: str | None = None


@dataclass(frozen=True, slots=True)
class Warn:
    """When a clock warns: by ratio of the target, after the start, or before due."""

    ratio: float | None = None
    after: timedelta | None = None
    before: timedelta | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockRule:
    """The numbers of one clock.

    `target` has an entry per urgency that has this clock. `absolute` is a local time of
    day ("24:00", "06:00") that replaces the target, at least `floor` after the start.
    `by_appointment` lists urgencies whose due time is agreed instead. `pauses` lists
    ticket states in which the clock pauses.
    """

    name: str
    target: Mapping[str, timedelta] = field(default_factory=dict)
    absolute: str | None = None
    floor: timedelta | None = None
    calendar: str = "all-hours"
    warn: Warn | None = None
    pauses: frozenset[str] = frozenset()
    ladder: tuple[Rung, ...] = ()
    rule: str = ""
    by_appointment: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of a profile (DOMAIN 2.6). `missing` names what is still blank.

    Normal orders keep an agreed time when `appointment` is set (RULINGS 13). `rules` gives
    the rule id of each number that belongs to no clock.
    """

    id: str
    version: int
    kind: str
    clocks: Mapping[str, ClockRule]
    max_pause: timedelta
    promise_max: timedelta
    postponements: int
    confirm_silence: timedelta
    reopen_days: int
    revisit_ratio: float
    revisit_alarm: timedelta
    rework_notice: int
    rework_rectify: int
    pool_answer: timedelta
    merge_days: int
    appointment: bool = True
    missing: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the JSON that the table keeps; the version is a column of its own."""
        return {
            "id": self.id,
            "kind": self.kind,
            "numbers": {name: _plain(getattr(self, name)) for name in NUMBERS},
            "rules": dict(self.rules),
            "missing": list(self.missing),
            "clocks": _plain(self.clocks),
        }


SPANS: Final = ("max_pause", "promise_max", "confirm_silence", "pool_answer", "revisit_alarm")
COUNTS: Final = ("postponements", "reopen_days", "rework_notice", "rework_rectify", "merge_days")
RATIOS: Final = ("revisit_ratio",)
OPTIONS: Final = ("appointment",)
NUMBERS: Final = (*SPANS, *COUNTS, *RATIOS, *OPTIONS)


def require_active(profile: Profile) -> None:
    """Refuse a template. Raises TemplateProfile naming every blank (R-REP-24)."""
    if profile.missing:
        raise TemplateProfile(profile.id, profile.missing)


def profile_from_body(body: Mapping[str, Any], *, version: int) -> Profile:
    """Return the profile whose `body()` this is."""
    numbers: dict[str, Any] = {
        name: read_duration(value) if name in SPANS else value
        for name, value in body["numbers"].items()
    }
    return Profile(
        id=body["id"],
        version=version,
        kind=body["kind"],
        clocks={name: _rule_from(rule) for name, rule in body["clocks"].items()},
        missing=tuple(body["missing"]),
        rules=body["rules"],
        **numbers,
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, frozenset)):
        listed = sorted(value) if isinstance(value, frozenset) else value
        return [_plain(inner) for inner in listed]
    return value


def _rule_from(body: Mapping[str, Any]) -> ClockRule:
    warn = body["warn"]
    return ClockRule(
        name=body["name"],
        target={urgency: read_duration(span) for urgency, span in body["target"].items()},
        absolute=body["absolute"],
        floor=_span(body["floor"]),
        calendar=body["calendar"],
        warn=None if warn is None else _warn_from(warn),
        pauses=frozenset(body["pauses"]),
        ladder=tuple(_rung_from(rung) for rung in body["ladder"]),
        rule=body["rule"],
        by_appointment=frozenset(body["by_appointment"]),
    )


def _warn_from(body: Mapping[str, Any]) -> Warn:
    return Warn(
        ratio=body["ratio"],
        after=_span(body["after"]),
        before=_span(body["before"]),
        roles=tuple(body["roles"]),
    )


def _rung_from(body: Mapping[str, Any]) -> Rung:
    return Rung(
        level=body["level"],
        after=read_duration(body["after"]),
        roles=tuple(body["roles"]),
        action=body["action"],
        urgency=body["urgency"],
    )


def _span(written: str | None) -> timedelta | None:
    return None if written is None else read_duration(written)

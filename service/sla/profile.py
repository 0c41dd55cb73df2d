"""SLA profiles: the numbers of one variant, versioned, each with the rule it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import timedelta
from typing import Any, Final, cast

from service.core.errors import TemplateProfile
from service.core.workflow import family_of
from service.sla.notation import duration, read_duration

URGENCIES: Final = ("emergency", "urgent", "normal")

Number = timedelta | int | float | bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of an escalation ladder: level 0 is the breach, `after` counts from it.

    `action` is a proposal shown to the roles, or the event that the service then tries by
    itself (`Workflow.on_due`). A rung with `variant` is for that one only.
    """

    level: int
    after: timedelta
    roles: tuple[str, ...]
    action: str | None = None
    variant: str | None = None


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

    `target` has an entry per variant that has this clock. `absolute` is a local time of
    day ("24:00", "06:00") that replaces the target, at least `floor` after the start.
    `by_appointment` lists variants whose due time is agreed instead. `warn` are its
    reminders. `pauses` lists ticket states in which the clock pauses; `max_pause` is the
    most that its pauses may add up to, None for that of the profile.
    """

    name: str
    target: Mapping[str, timedelta] = field(default_factory=dict)
    absolute: str | None = None
    floor: timedelta | None = None
    calendar: str = "all-hours"
    warn: tuple[Warn, ...] = ()
    pauses: frozenset[str] = frozenset()
    max_pause: timedelta | None = None
    ladder: tuple[Rung, ...] = ()
    rule: str = ""
    by_appointment: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of a profile (DOMAIN 2.6). `missing` names what is still blank.

    `numbers` are those that belong to no clock, each also an attribute of the profile;
    which ones there are is the family's affair, but `max_pause` is always among them.
    `rules` gives the rule id of each. `kind` is the family.
    """

    id: str
    version: int
    kind: str
    clocks: Mapping[str, ClockRule]
    numbers: Mapping[str, Number]
    missing: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        """Return a number by name. Raises AttributeError."""
        try:
            return self.numbers[name]
        except KeyError:
            raise AttributeError(f"profile {self.id} has no number {name!r}") from None

    def rule(self, clock: str) -> ClockRule:
        """Return the rule of a clock, for a numbered one its family's; an empty one if none."""
        found = self.clocks.get(clock) or self.clocks.get(family_of(clock))
        return found or ClockRule(clock)

    def longest_pause(self, rule: ClockRule) -> timedelta:
        """Return what the pauses of one clock may add up to."""
        if rule.max_pause is not None:
            return rule.max_pause
        return cast("timedelta", self.numbers["max_pause"])

    def body(self) -> dict[str, Any]:
        """Return the JSON that the table keeps; the version is a column of its own."""
        return {
            "id": self.id,
            "kind": self.kind,
            "numbers": _plain(self.numbers),
            "rules": dict(self.rules),
            "missing": list(self.missing),
            "clocks": _plain(self.clocks),
        }


def require_active(profile: Profile) -> None:
    """Refuse a template. Raises TemplateProfile naming every blank (R-REP-24)."""
    if profile.missing:
        raise TemplateProfile(profile.id, profile.missing)


def profile_from_body(body: Mapping[str, Any], *, version: int) -> Profile:
    """Return the profile whose `body()` this is."""
    numbers = {
        name: read_duration(value) if isinstance(value, str) else value
        for name, value in body["numbers"].items()
    }
    return Profile(
        id=body["id"],
        version=version,
        kind=body["kind"],
        clocks={name: _rule_from(rule) for name, rule in body["clocks"].items()},
        missing=tuple(body["missing"]),
        numbers=numbers,
        rules=body["rules"],
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
    return ClockRule(
        name=body["name"],
        target={variant: read_duration(span) for variant, span in body["target"].items()},
        absolute=body["absolute"],
        floor=_span(body["floor"]),
        calendar=body["calendar"],
        warn=tuple(_warn_from(warn) for warn in body["warn"]),
        pauses=frozenset(body["pauses"]),
        max_pause=_span(body["max_pause"]),
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
        variant=body["variant"],
    )


def _span(written: str | None) -> timedelta | None:
    return None if written is None else read_duration(written)

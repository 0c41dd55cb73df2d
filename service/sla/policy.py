"""Reads SLA profile files: every profile over the defaults of its file, blanks noted."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from service.sla.notation import read_duration
from service.sla.profile import (
    NUMBERS,
    SPANS,
    URGENCIES,
    ClockRule,
    Profile,
    Rung,
    Warn,
    profile_from_body,
    require_active,
)

__all__ = [
    "ClockRule",
    "InvalidProfile",
    "Profile",
    "Rung",
    "Warn",
    "parse_profiles",
    "profile_from_body",
    "require_active",
]


class InvalidProfile(ValueError):
    """A profile file contradicts itself; the message names profile and entry."""


BLANK: Final = ""
NONE: Final = "—"
APPOINTMENT: Final = "appointment"
_DEFAULTS = "defaults"
_NUMBERS = "numbers"
_SAME_CALENDAR_DAY = "24:00"
_KEYS = frozenset(
    ("target", "absolute", "power_rule", "floor", "calendar", "warn", "pauses", "ladder", "rule")
)


def parse_profiles(kind: str, raw: Mapping[str, Any]) -> dict[str, Profile]:
    """Return every profile of a parsed file, each over the file's `[defaults]`.

    As a value, "" is blank (to be set before activation), "—" says that there is no such
    clock, "appointment" that the time is agreed, and the name of a number refers to it.

    Raises InvalidProfile.
    """
    defaults = raw[_DEFAULTS]
    return {
        name: _Draft(name, kind, own, defaults).profile()
        for name, own in raw.items()
        if name != _DEFAULTS
    }


class _Draft:
    """One profile while it is read; collects what is blank."""

    def __init__(
        self, name: str, kind: str, own: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> None:
        self._name = name
        self._kind = kind
        self._numbers = {**defaults[_NUMBERS], **own.get(_NUMBERS, {})}
        self._clocks = {n: c for n, c in {**defaults, **own}.items() if n != _NUMBERS}
        self._defaults = defaults
        self._missing: list[str] = []

    def profile(self) -> Profile:
        """Return the profile, version 0 until it is stored."""
        wrong = self._numbers.keys() ^ set(NUMBERS)
        if wrong:
            raise InvalidProfile(f"{self._name}: lacking or unknown: {', '.join(sorted(wrong))}")
        clocks = (self._clock(name) for name in self._clocks)
        kept = {rule.name: rule for rule in clocks if rule is not None}
        numbers: dict[str, Any] = {name: self._number(name) for name in NUMBERS}
        return Profile(
            id=self._name,
            version=0,
            kind=self._kind,
            clocks=kept,
            missing=tuple(self._missing),
            rules={name: self._numbers[name]["rule"] for name in NUMBERS},
            **numbers,
        )

    def _number(self, name: str) -> Any:
        value = self._numbers[name]["value"]
        if value == BLANK:
            self._missing.append(name)
            return timedelta() if name in SPANS else 0
        return self._span(name, value) if name in SPANS else value

    def _span(self, entry: str, written: str) -> timedelta:
        if written in SPANS:
            written = self._numbers[written]["value"]
        try:
            return read_duration(written)
        except ValueError as exc:
            raise InvalidProfile(f"{self._name}.{entry}: {exc}") from exc

    def _clock(self, name: str) -> ClockRule | None:
        base, own = self._defaults.get(name, {}), self._clocks[name]
        if isinstance(own, str):
            own = {"absolute" if "absolute" in base else "target": own}
        entry = {**base, **own}
        unknown = entry.keys() - _KEYS
        if unknown:
            raise InvalidProfile(f"{self._name}.{name}: unknown {', '.join(sorted(unknown))}")
        target, agreed = self._target(name, entry.get("target", {}))
        absolute = self._absolute(name, entry)
        blank = any(m == name or m.startswith(f"{name}.") for m in self._missing)
        if not (target or agreed or absolute or blank):
            return None
        floor, warn = entry.get("floor"), entry.get("warn")
        return ClockRule(
            name=name,
            target=target,
            absolute=absolute,
            floor=None if floor is None else self._span(name, floor),
            calendar=entry.get("calendar", "all-hours"),
            warn=None if warn is None else self._warn(name, warn),
            pauses=frozenset(entry.get("pauses", ())),
            ladder=tuple(self._rung(name, n, r) for n, r in enumerate(entry["ladder"])),
            rule=entry["rule"],
            by_appointment=agreed,
        )

    def _target(
        self, clock: str, written: str | Mapping[str, str]
    ) -> tuple[Mapping[str, timedelta], frozenset[str]]:
        """Return the target by urgency, and the urgencies whose time is agreed instead."""
        by_urgency = dict.fromkeys(URGENCIES, written) if isinstance(written, str) else written
        found: dict[str, timedelta] = {}
        agreed = set()
        for urgency in URGENCIES:
            # An emergency uses every "urgent" number (RULINGS 23).
            value = by_urgency.get(urgency) or by_urgency.get(
                "urgent" if urgency == "emergency" else urgency
            )
            if value == BLANK:
                self._blank(clock, urgency)
            elif value == APPOINTMENT:
                agreed.add(urgency)
            elif value is not None and value != NONE:
                found[urgency] = self._span(f"{clock}.{urgency}", value)
        return found, frozenset(agreed)

    def _blank(self, clock: str, urgency: str) -> None:
        if urgency != "emergency":  # it follows from "urgent", which is named
            self._missing.append(f"{clock}.{urgency}")

    def _absolute(self, clock: str, entry: Mapping[str, Any]) -> str | None:
        written: str | None = entry.get("absolute")
        if written == BLANK:
            self._missing.append(clock)
        if not written or written == NONE:
            return None
        strict = entry.get("power_rule") == "same_calendar_day"
        return _SAME_CALENDAR_DAY if strict else written

    def _warn(self, clock: str, raw: Mapping[str, Any]) -> Warn:
        if sum(name in raw for name in ("ratio", "after", "before")) != 1:
            raise InvalidProfile(f"{self._name}.{clock}.warn: one of ratio, after, before")
        after, before = raw.get("after"), raw.get("before")
        return Warn(
            ratio=raw.get("ratio"),
            after=None if after is None else self._span(clock, after),
            before=None if before is None else self._span(clock, before),
            roles=tuple(raw["roles"]),
        )

    def _rung(self, clock: str, level: int, raw: Mapping[str, Any]) -> Rung:
        return Rung(
            level=level,
            after=self._span(clock, raw["after"]),
            roles=tuple(raw["roles"]),
            action=raw.get("action"),
            urgency=raw.get("urgency"),
        )

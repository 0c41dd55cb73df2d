"""Reads SLA profile files: every profile over the defaults of its file, blanks noted."""

from collections.abc import Mapping, Sequence, Set
from datetime import timedelta
from typing import Any, Final

from service.sla.notation import read_duration
from service.sla.profile import (
    URGENCIES,
    ClockRule,
    Number,
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
_VARIANTS = "variants"
_MAX_PAUSE = "max_pause"
_SAME_CALENDAR_DAY = "24:00"
_KEYS = frozenset(
    ("target", "absolute", "power_rule", "floor", "calendar", "warn", "pauses", "max_pause",
     "ladder", "rule")
)  # fmt: skip
_RUNG_KEYS = frozenset(("after", "roles", "action", "variant"))
_STEPS_IN = {"emergency": "urgent"}
"""An emergency uses every "urgent" number it has not of its own (RULINGS 23)."""


def parse_profiles(kind: str, raw: Mapping[str, Any]) -> dict[str, Profile]:
    """Return every profile of a parsed file, each over the file's `[defaults]`.

    `kind` is the family. Its variants are the file's `variants`, else the urgencies; its
    numbers those of `[defaults.numbers]`. As a value, "" is blank (to be set before
    activation), "—" says that there is no such clock, "appointment" that the time is agreed,
    and the name of a number refers to it.

    Raises InvalidProfile.
    """
    defaults = raw[_DEFAULTS]
    columns = _columns(raw.get(_VARIANTS))
    return {
        name: _Draft(name, kind, own, defaults, columns).profile()
        for name, own in raw.items()
        if name not in (_DEFAULTS, _VARIANTS)
    }


def _columns(variants: Sequence[str] | None) -> Mapping[str, str]:
    """Return each variant with the one whose numbers it uses where it has none of its own."""
    if variants is not None:
        return {name: name for name in variants}
    return {name: _STEPS_IN.get(name, name) for name in URGENCIES}


class _Draft:
    """One profile while it is read; collects what is blank."""

    def __init__(
        self,
        name: str,
        kind: str,
        own: Mapping[str, Any],
        defaults: Mapping[str, Any],
        columns: Mapping[str, str],
    ) -> None:
        self._name = name
        self._kind = kind
        self._written = {**defaults[_NUMBERS], **own.get(_NUMBERS, {})}
        self._clocks = {n: c for n, c in {**defaults, **own}.items() if n != _NUMBERS}
        self._defaults = defaults
        self._columns = columns
        self._missing: list[str] = []
        self._numbers: dict[str, Number] = {}

    def profile(self) -> Profile:
        """Return the profile, version 0 until it is stored."""
        known = self._defaults[_NUMBERS].keys()
        wrong = (self._written.keys() - known) | ({_MAX_PAUSE} - known)
        wrong |= {name for name in known if hasattr(Profile, name)}
        if wrong:
            raise InvalidProfile(f"{self._name}: lacking or unknown: {', '.join(sorted(wrong))}")
        self._numbers = {name: self._number(name) for name in known}
        blank, self._missing = self._missing, []
        clocks = [self._clock(name) for name in self._clocks]
        return Profile(
            id=self._name,
            version=0,
            kind=self._kind,
            clocks={rule.name: rule for rule in clocks if rule is not None},
            numbers=self._numbers,
            missing=(*self._missing, *blank),
            rules={name: self._written[name]["rule"] for name in known},
        )

    def _number(self, name: str) -> Number:
        """Return a number; a blank one is nothing of the kind that the default is."""
        value, usual = self._written[name]["value"], self._defaults[_NUMBERS][name]["value"]
        timed = isinstance(usual, str) and usual != BLANK
        if value == BLANK:
            self._missing.append(name)
            return timedelta() if timed or name == _MAX_PAUSE else 0
        if usual != BLANK and isinstance(value, str) != timed:
            raise InvalidProfile(f"{self._name}.{name}: {value!r} beside {usual!r}")
        if isinstance(value, str):
            return self._span(name, value)
        found: int | float | bool = value
        return found

    def _span(self, entry: str, written: str) -> timedelta:
        named = self._numbers.get(written)
        if isinstance(named, timedelta):
            return named
        try:
            return read_duration(written)
        except ValueError as exc:
            raise InvalidProfile(f"{self._name}.{entry}: {exc}") from exc

    def _clock(self, name: str) -> ClockRule | None:
        base, own = self._defaults.get(name, {}), self._clocks[name]
        if isinstance(own, str):
            own = {"absolute" if "absolute" in base else "target": own}
        entry = {**base, **own}
        self._refuse(name, entry.keys() - _KEYS)
        target, agreed = self._target(name, entry.get("target", {}))
        absolute = self._absolute(name, entry)
        blank = any(m == name or m.startswith(f"{name}.") for m in self._missing)
        if not (target or agreed or absolute or blank):
            return None
        warn = entry.get("warn", ())
        warns = [warn] if isinstance(warn, Mapping) else warn
        return ClockRule(
            name=name,
            target=target,
            absolute=absolute,
            floor=self._span_of(name, entry, "floor"),
            calendar=entry.get("calendar", "all-hours"),
            warn=tuple(self._warn(name, one) for one in warns),
            pauses=frozenset(entry.get("pauses", ())),
            max_pause=self._span_of(name, entry, _MAX_PAUSE),
            ladder=tuple(self._rung(name, n, r) for n, r in enumerate(entry["ladder"])),
            rule=entry["rule"],
            by_appointment=agreed,
        )

    def _target(
        self, clock: str, written: str | Mapping[str, str]
    ) -> tuple[Mapping[str, timedelta], frozenset[str]]:
        """Return the target by variant, and the variants whose time is agreed instead."""
        table = dict.fromkeys(self._columns, written) if isinstance(written, str) else written
        self._refuse(clock, table.keys() - self._columns.keys())
        found: dict[str, timedelta] = {}
        agreed = set()
        for variant, stands_in in self._columns.items():
            value = table.get(variant) or table.get(stands_in)
            if value == BLANK and variant == stands_in:
                self._missing.append(f"{clock}.{variant}")
            elif value == APPOINTMENT:
                agreed.add(variant)
            elif value and value != NONE:
                found[variant] = self._span(f"{clock}.{variant}", value)
        return found, frozenset(agreed)

    def _refuse(self, clock: str, unknown: Set[str]) -> None:
        if unknown:
            raise InvalidProfile(f"{self._name}.{clock}: unknown {', '.join(sorted(unknown))}")

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
        return Warn(
            ratio=raw.get("ratio"),
            after=self._span_of(clock, raw, "after"),
            before=self._span_of(clock, raw, "before"),
            roles=tuple(raw["roles"]),
        )

    def _span_of(self, clock: str, raw: Mapping[str, Any], member: str) -> timedelta | None:
        return self._span(f"{clock}.{member}", raw[member]) if member in raw else None

    def _rung(self, clock: str, level: int, raw: Mapping[str, Any]) -> Rung:
        variant = raw.get("variant")
        self._refuse(clock, raw.keys() - _RUNG_KEYS)
        self._refuse(clock, ({variant} if variant else set()) - self._columns.keys())
        return Rung(
            level=level,
            after=self._span(clock, raw["after"]),
            roles=tuple(raw["roles"]),
            action=raw.get("action"),
            variant=variant,
        )

"""Reads what a caller sent: query values, fingerprints, local times."""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, validate

from service.commands.step import load
from service.core.errors import FieldError, ValidationFailed
from service.core.shapes import LARGEST, Shape, fault
from service.edge.refusals import TimeWithoutOffset, UnknownParameter

COMMON = frozenset({"lang", "labels"})
"""Parameters every route knows."""

SWITCH: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
"""What a yes-or-no parameter may say."""

_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?", re.ASCII)
_TIME_NAME = re.compile(r"(?:.*_)?(?:at|from|to|eta|until|after|before)")
_MOST_VALUES = 50


class Params(Shape):
    """A query. Every value arrives as text; a name given twice arrives comma-joined."""


class Count(fields.Integer):
    """A whole number as text."""

    def __init__(self, *, least: int = 0, most: int = LARGEST, **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(**kwargs)
        self.metadata = {"minimum": least, "maximum": most, **self.metadata}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if _WHOLE.fullmatch(value) is None:
            raise fault("wrong_type")
        if not self._least <= int(value) <= self._most:
            raise fault("out_of_range")
        return int(value)


class Switch(fields.Boolean):
    """`true`/`1` or `false`/`0`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if value not in SWITCH:
            raise fault("not_allowed", tuple(SWITCH))
        return SWITCH[value]


class Words(fields.List[str]):
    """Words parted by commas: OR inside one name. Empty is refused, so are more than 50."""

    def __init__(self, *allowed: str, most: int = _MOST_VALUES, **kwargs: Any) -> None:
        self.allowed, self._most = allowed, most
        one = validate.OneOf(allowed) if allowed else None
        super().__init__(fields.String(validate=one), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> list[str | None]:
        words: list[str | None] = list(dict.fromkeys(word.strip() for word in value.split(",")))
        if "" in words:
            raise fault("too_short")
        if len(words) > self._most:
            raise fault("too_long")
        if self.allowed and not set(words) <= set(self.allowed):
            raise fault("not_allowed", self.allowed)
        return words


class Day(fields.Date):
    """A date `YYYY-MM-DD`."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if _DAY.fullmatch(value) is None:
            raise fault("wrong_type")
        try:
            return super()._deserialize(value, *args, **kwargs)
        except ValidationError as exc:
            raise fault("out_of_range") from exc


@cache
def names(schema: type[Schema]) -> frozenset[str]:
    """Return the parameter names of a query schema."""
    return frozenset(field.data_key or name for name, field in schema().fields.items())


def query(schema: type[Schema] | None, raw: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the loaded query. Raises ValidationFailed with pointers `?name`."""
    if schema is None:
        return {}
    own = {name: value for name, value in raw.items() if name not in COMMON}
    try:
        return load(schema, own, "")
    except ValidationFailed as exc:
        raise ValidationFailed([_as_parameter(error) for error in exc.errors]) from None


def _as_parameter(error: FieldError) -> FieldError:
    name = error.pointer.split("/")[1] if error.pointer else ""
    return FieldError(f"?{name}", error.code, error.detail, error.allowed)


def switch(name: str, raw: Mapping[str, str]) -> bool:
    """Return a yes-or-no parameter, by default no. Raises ValidationFailed, pointer `?name`."""
    value = raw.get(name, "false")
    if value not in SWITCH:
        raise ValidationFailed([FieldError(f"?{name}", "not_allowed", allowed=tuple(SWITCH))])
    return SWITCH[value]


def known_only(known: frozenset[str], sent: Mapping[str, str]) -> None:
    """Raise UnknownParameter for the first name the route does not know."""
    for name in sent:
        if name not in known and name not in COMMON:
            near = difflib.get_close_matches(name, sorted(known | COMMON), n=1, cutoff=0.5)
            raise UnknownParameter(name[:100], near[0] if near else None)


def fingerprint(value: Any) -> bytes:
    """Return the digest of a parsed body; the order of names does not matter."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()


def offsets_given(body: Any, sent: Mapping[str, str]) -> None:
    """Raise TimeWithoutOffset for a local time where a time belongs."""
    for name, value in sent.items():
        if _TIME_NAME.fullmatch(name) and _LOCAL.fullmatch(value):
            raise TimeWithoutOffset(f"?{name}")
    for pointer in _local_times(body, ""):
        raise TimeWithoutOffset(pointer)


def _local_times(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
            if isinstance(inner, str):
                if _TIME_NAME.fullmatch(name) and _LOCAL.fullmatch(inner):
                    yield here
            else:
                yield from _local_times(inner, here)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _local_times(inner, f"{at}/{n}")

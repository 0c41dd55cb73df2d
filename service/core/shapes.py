"""Strict marshmallow fields and schemas whose errors are the API's stable field codes.

Nothing is coerced: a number is not a string, `1` is not true, a local time is no time.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
# Control characters but tab and line ends; overrides that show text in another order than
# it is stored, so that a board and its audit cannot be made to read differently.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
LARGEST = 2**63 - 1


def fault(code: str, allowed: Sequence[str] = ()) -> ValidationError:
    """Return the error a field raises: "code", or "code: value, value" with what is right."""
    return ValidationError(f"{code}: {', '.join(allowed)}" if allowed else code)


class Text(fields.String):
    """Text, trimmed; its length counts after trimming."""

    def __init__(self, *, most: int = 20_000, least: int = 1, **kwargs: Any) -> None:
        self._most, self._least = most, least
        bounds = validate.Length(min=least, max=most)
        super().__init__(validate=bounds, **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise fault("wrong_type")
        text = value.strip()
        if _CONTROL.search(text):
            raise fault("forbidden_character")
        if len(text) > self._most:
            raise fault("too_long")
        if len(text) < self._least:
            raise fault("too_short")
        return text


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        self.words = words
        super().__init__(validate=validate.OneOf(words), **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise fault("wrong_type")
        if value not in self.words:
            raise fault("not_allowed", self.words)
        return value


class Whole(fields.Integer):
    """An integer within bounds; neither a float nor a boolean."""

    def __init__(self, *, least: int = 0, most: int = LARGEST, **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise fault("wrong_type")
        if not self._least <= value <= self._most:
            raise fault("out_of_range")
        return value


class Quantity(fields.Float):
    """A finite number within bounds; a whole one stays whole."""

    def __init__(self, *, least: float, most: float, **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise fault("wrong_type")
        if not math.isfinite(value) or not self._least <= value <= self._most:
            raise fault("out_of_range")
        return value

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


class Flag(fields.Boolean):
    """True or false."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise fault("wrong_type")
        return value


class Instant(fields.DateTime):
    """RFC 3339 with an offset; becomes UTC, cut to the millisecond."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if not isinstance(value, str):
            raise fault("wrong_type")
        return instant(value)

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else stamp(value)


def stamp(at: datetime) -> str:
    """Return a time as it stands in JSON: UTC, `Z`, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(value: str) -> datetime:
    """Return the UTC instant that RFC 3339 text names, cut to the millisecond."""
    match = _TIME.fullmatch(value)
    if match is None:
        raise fault("not_a_time")
    if match["zone"] is None:
        raise fault("time_without_offset")
    try:
        found = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise fault("not_a_time") from None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


class Day(fields.Date):
    """A date `YYYY-MM-DD`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str) or len(value) != len("2026-11-21"):
            raise fault("wrong_type")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise fault("out_of_range") from None


class Ident(fields.UUID):
    """A UUID as text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> UUID:
        if not isinstance(value, str):
            raise fault("wrong_type")
        try:
            return UUID(value)
        except ValueError:
            raise fault("not_a_uuid") from None


class NewIdent(Ident):
    """An id that a client mints: a UUID of version 4 or 7 (API 1)."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> UUID:
        found = super()._deserialize(value)
        if found.version not in (4, 7):
            raise fault("not_a_uuid")
        return found


class AccountId(Text):
    """The id of an account, as text: the ids of files alone are UUIDs in loaded data."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=36, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        found = super()._deserialize(value, *args, **kwargs)
        try:
            return str(UUID(found))
        except ValueError:
            raise fault("not_a_uuid") from None


class File(Ident):
    """The id of an attachment: every UUID in loaded event data is one."""


class Many(fields.List[Any]):
    """A list within bounds."""

    def __init__(self, inner: Any, *, least: int = 0, most: int = 100, **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(inner, validate=validate.Length(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise fault("wrong_type")
        if len(value) > self._most:
            raise fault("too_long")
        if len(value) < self._least:
            raise fault("too_short")
        return super()._deserialize(value, attr, data, **kwargs)


class Shape(Schema):
    """An object that refuses unknown members.

    `exactly_one` and `at_least_one` name groups of optional members; `ordered` pairs of
    times of which the first lies before the second. JSON Schema says the same.
    """

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = ()
    at_least_one: ClassVar[tuple[tuple[str, ...], ...]] = ()
    ordered: ClassVar[tuple[tuple[str, str], ...]] = ()
    error_messages: dict[str, str] = {  # noqa: RUF012 — marshmallow declares it so
        "unknown": "unknown_field",
        "type": "wrong_type",
    }

    class Meta:
        """Unknown members are refused, never ignored (API 1)."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:  # type: ignore[type-arg]
        """Make the two messages every field has into codes."""
        field_obj.error_messages = {
            **field_obj.error_messages, "required": "required", "null": "wrong_type",
            "validator_failed": "not_allowed", "type": "wrong_type", "invalid": "wrong_type",
        }  # fmt: skip

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return a member that is there: a missing `items` is not the mapping's method."""
        if isinstance(obj, Mapping):
            return obj.get(attr, default)
        return super().get_attribute(obj, attr, default)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _groups(self, data: Mapping[str, Any], raw: Any, **_: Any) -> None:
        sent = raw if isinstance(raw, Mapping) else {}
        found = {**self._missing(sent), **self._surplus(sent)}
        for first, second in self.ordered:
            if first in data and second in data and data[first] >= data[second]:
                found[second] = ["out_of_range"]
        if found and isinstance(raw, Mapping):
            raise ValidationError(found)

    def _missing(self, sent: Mapping[str, Any]) -> dict[str, list[str]]:
        groups = (*self.exactly_one, *self.at_least_one)
        return {g[0]: ["required"] for g in groups if not any(name in sent for name in g)}

    def _surplus(self, sent: Mapping[str, Any]) -> dict[str, list[str]]:
        named = [[name for name in group if name in sent] for group in self.exactly_one]
        return {name: ["not_allowed"] for names in named for name in names[1:]}


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a caller names one. The command keeps it apart from the history.

    Before an effect sees the data, `{"party": <id>}` stands in its place: names and
    phones can be erased without breaking the audit chain.
    """

    name: str
    phone: str | None = None


class PersonShape(Shape):
    """Name and phone of somebody; loads as a `Person`, is kept as `{"party": id}`."""

    name = Text(most=100, required=True)
    phone = Text(most=40)
    party = fields.String(dump_only=True)

    @post_load
    def _person(self, data: Mapping[str, Any], **_: Any) -> Person:
        return Person(data["name"], data.get("phone"))

"""Masks names and phones (RULINGS 19). `…/contact` shows them, after it has been logged."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

_PEOPLE = frozenset({"named_person", "consented_by", "signature"})
_HIDDEN = 4


def name(full: str | None) -> str | None:
    """Return `张**` for a name of any length."""
    return f"{full[0]}**" if full else full


def phone(number: str | None) -> str | None:
    """Return `138****0001`: the four digits before the last four are hidden."""
    if not number:
        return number
    if len(number) < 2 * _HIDDEN:
        return "****"
    return number[: -2 * _HIDDEN] + "****" + number[-_HIDDEN:]


def data(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return event data or facts with the members that name people masked.

    A signature may be a name or the id of a file; ids name nobody.
    """
    return {
        key: name(value) if key in _PEOPLE and _is_name(value) else value
        for key, value in values.items()
    }


def _is_name(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return str(UUID(value)) != value.lower()
    except ValueError:
        return True

"""Numbered entries of a list in a ticket's facts: promises, answers, plans, reports."""

from collections.abc import Mapping
from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Situation


def appended(s: Situation, name: str, entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the list with one more entry, numbered from 1, at the time of the event."""
    listed: list[Mapping[str, Any]] = list(s.facts.get(name) or ())
    return [*listed, {"n": len(listed) + 1, **entry, "at": stamp(s.at)}]

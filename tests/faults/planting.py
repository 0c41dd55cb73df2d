"""What a planted bug is, how it is planted, played and judged; see `plants` for the bugs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import pytest
from sqlalchemy import TextClause, TextualSelect, text

from service.store.audit.finding import Finding
from tests.faults import scenes
from tests.faults.scenes import Scene, World

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Plant:
    """One bug. `caught` are (invariant, check) that must be among the findings."""

    name: str
    bug: str
    apply: Callable[[Patch], None]
    scenes: tuple[Scene, ...]
    caught: frozenset[tuple[str, str]]


PLANTS: list[Plant] = []


def plant(
    bug: str, *played: Scene, caught: Iterable[tuple[str, str]]
) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Register a plant; the function's name is its name."""

    def register(apply: Callable[[Patch], None]) -> Callable[[Patch], None]:
        PLANTS.append(Plant(apply.__name__, bug, apply, played, frozenset(caught)))
        return apply

    return register


Statement = TypeVar("Statement", TextClause, TextualSelect)


def changed(statement: Statement, was: str, becomes: str) -> Statement:
    """Return a statement with a part replaced; a part that is not there would plant nothing."""
    if isinstance(statement, TextualSelect):
        spoilt = changed(statement.element, was, becomes)
        return spoilt.columns(*statement.column_args)
    assert was in statement.text, was
    return text(statement.text.replace(was, becomes))


def caught_by(world: World, planted: Plant) -> list[Finding]:
    """Plant a bug, play its scenes, mend it, and return what the checkers find."""
    with pytest.MonkeyPatch.context() as patch:
        planted.apply(patch)
        scenes.play(world, planted.scenes)
    return scenes.judge(world)


def kinds(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    """Return which checks of which invariants found something."""
    return {(found.invariant, found.check) for found in findings}


def markdown(rows: Iterable[tuple[Plant, set[tuple[str, str]]]]) -> str:
    """Return the table of bugs and what caught them; what was demanded is bold."""
    lines = ["| bug | caught by |", "|---|---|"]
    for planted, found in rows:
        named = [
            f"**{invariant} {check}**" if (invariant, check) in planted.caught
            else f"{invariant} {check}"
            for invariant, check in sorted(found, key=lambda kind: (int(kind[0][1:]), kind[1]))
        ]  # fmt: skip
        lines.append(f"| `{planted.name}`: {planted.bug} | {', '.join(named) or 'NOBODY'} |")
    return "\n".join(lines)

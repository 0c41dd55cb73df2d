"""Settles where a compound lies when its cases do not agree: one compound is one place. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from service.local.replay.report import COMPOUND, NOT_STATED, Report
from service.local.replay.source_map import SourceMap

Above = tuple[str, ...]


def at_home(reports: Iterable[Report], source: SourceMap) -> tuple[Report, ...]:
    """Return the reports, each at the compound it names, which lies where most of them say.

    Only maps that say so have it; a compound that is not stated is nobody's.
    """
    listed = tuple(reports)
    if not source.one_home:
        return listed
    homes = _homes(listed)
    return tuple(
        replace(report, place=(*homes[report.place[COMPOUND - 1]], *report.place[COMPOUND - 1 :]))
        if report.place[COMPOUND - 1] in homes
        else report
        for report in listed
    )


def _homes(reports: Iterable[Report]) -> dict[str, Above]:
    """Return by compound what lies above it: what is said most often, the first of equals."""
    told: dict[str, Counter[Above]] = defaultdict(Counter)
    for report in reports:
        *above, compound = report.place[:COMPOUND]
        if not compound.startswith(NOT_STATED):
            told[compound][tuple(above)] += 1
    return {compound: _most(said) for compound, said in told.items()}


def _most(said: Counter[Above]) -> Above:
    """Return what is said most often; what says nothing of the street comes last."""
    return max(said, key=lambda above: (above[1] != NOT_STATED, said[above]))

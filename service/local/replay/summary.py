"""What a replay came to: numbers for programs, tables for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from service.core.catalogue import Catalogue
from service.local.replay.grouped import Group
from service.local.replay.plan import ticket_id
from service.local.replay.reader import Refusal
from service.local.replay.report import Report
from service.local.replay.source_map import SourceMap
from service.local.replay.verdicts import verdict_of
from service.store.unit_of_work import Tx

_FEW = 12  # row numbers shown of each reason; `--json` has them all
_OF_NO_KIND = "not_a_"  # most rows of most files
_SOME_HAVE = ("kinds", "clusters")
_LEVELS = {-1: "warned", 0: "breached"}

_OPENED = text("SELECT count(*) FROM ticket")
_STATES = text("SELECT state, count(*) FROM ticket GROUP BY state ORDER BY state")
_LINES = text("SELECT type, count(*) FROM event GROUP BY type ORDER BY type")
_RESULTS = text("""
SELECT name, coalesce(result, state), count(*) FROM clock GROUP BY 1, 2 ORDER BY 1, 2""")
_VERDICTS = text("""
SELECT DISTINCT ON (ticket_id, name) ticket_id, name, coalesce(result, state) FROM clock
 WHERE name = ANY(:clocks) ORDER BY ticket_id, name, epoch DESC""")
_KINDS = text("SELECT kind, count(*) FROM ticket GROUP BY kind ORDER BY kind")
_BREACHED = text("""
SELECT name, count(*) FROM clock WHERE breached_at IS NOT NULL GROUP BY name ORDER BY name""")
_RUNGS = text("""
SELECT clock, level, count(*) FROM escalation GROUP BY clock, level ORDER BY clock, level""")


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything but `wall_s` and `events_per_s` is the same each time.

    `breached` counts clocks by name, `escalations` rungs by clock and level (-1 warns,
    0 is the breach). `steps_refused` counts moves the rules did not allow. Of an event log,
    `log_rows` counts what became of its accepted rows, and `unplayed` what no event of the
    workflow expressed, by reason. `recorded` holds the source's verdicts against ours.

    Where tickets of several kinds were opened, `kinds` counts them; `clusters` lists what
    the detector grouped and why.
    """

    source: str
    rows: int
    opened: int
    completed: int
    merge_candidates: int
    merged: int
    revisits_drawn: int
    states: Mapping[str, int]
    breached: Mapping[str, int]
    clocks: Mapping[str, Mapping[str, int]]
    escalations: Mapping[str, Mapping[str, int]]
    lines: Mapping[str, int]
    refused: Mapping[str, int]
    refused_rows: Sequence[Refusal]
    steps_refused: Mapping[str, int]
    log_rows: Mapping[str, int]
    unplayed: Mapping[str, int]
    recorded: Mapping[str, Mapping[str, int]]
    from_time: str | None
    until_time: str | None
    events: int
    wall_s: float
    events_per_s: float
    kinds: Mapping[str, int]
    clusters: Sequence[Group] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the summary for programs."""
        body = {name: getattr(self, name) for name in self.__slots__}
        body["refused_rows"] = [
            {"row": r.row, "case_id": r.case_id, "reason": r.reason, "detail": r.detail}
            for r in self.refused_rows
        ]
        body["clusters"] = [asdict(group) for group in self.clusters]
        return {name: value for name, value in body.items() if value or name not in _SOME_HAVE}


def figures(tx: Tx) -> dict[str, Any]:
    """Return what the database says."""
    lines = {row[0]: row[1] for row in tx.conn.execute(_LINES)}
    kinds = {row[0]: row[1] for row in tx.conn.execute(_KINDS)}
    return {
        "opened": tx.conn.execute(_OPENED).scalar_one(),
        "completed": lines.get("complete_work", 0),
        "merged": lines.get("merge", 0),
        "revisits_drawn": lines.get("revisit_draw", 0),
        "states": {row[0]: row[1] for row in tx.conn.execute(_STATES)},
        "breached": {row[0]: row[1] for row in tx.conn.execute(_BREACHED)},
        "clocks": _nested(tx.conn.execute(_RESULTS).all()),
        "escalations": _nested(tx.conn.execute(_RUNGS).all()),
        "lines": lines,
        "events": sum(lines.values()),
        "kinds": kinds if len(kinds) > 1 else {},
    }


def _nested(rows: Sequence[Any]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for outer, inner, count in rows:
        found.setdefault(outer, {})[str(inner)] = count
    return found


def compared(
    tx: Tx, source: SourceMap, catalogue: Catalogue, reports: Sequence[Report]
) -> dict[str, dict[str, int]]:
    """Return how often each verdict of the source meets each of ours, "none" without one."""
    if source.recorded is None:
        return {}
    clocks = {"clocks": list(source.recorded.clocks)}
    ours = {(row[0], row[1]): row[2] for row in tx.conn.execute(_VERDICTS, clocks)}
    pairs: Counter[tuple[str, str]] = Counter()
    for report in reports:
        category = catalogue.get(report.category)
        theirs = verdict_of(report, source.recorded, category.responsible if category else "")
        mine = ours.get((ticket_id(source, report.case_id), theirs.clock), "none")
        pairs[theirs.said, mine] += 1
    return _nested([(theirs, mine, count) for (theirs, mine), count in sorted(pairs.items())])


def by_reason(refused: Sequence[Refusal]) -> dict[str, int]:
    """Return how many rows were refused for each reason, by name."""
    return dict(sorted(Counter(r.reason for r in refused).items()))


def show(summary: Summary, console: Console) -> None:
    """Print the summary for people."""
    console.print(_totals(summary))
    console.print(_breaches(summary))
    if summary.refused:
        console.print(_refusals(summary))
    for step, count in summary.steps_refused.items():
        console.print(f"refused by the rules: {step}: {count}")
    for fact, count in summary.unplayed.items():
        console.print(f"not expressed: {fact}: {count}")
    for theirs, mine in summary.recorded.items():
        told = ", ".join(f"{verdict} {count}" for verdict, count in mine.items())
        console.print(f"recorded {theirs}, here: {told}")
    if summary.clusters:
        console.print(_groups(summary))


def _totals(summary: Summary) -> Table:
    table = Table("replay", summary.source, title_justify="left")
    for name, value in (
        ("rows", summary.rows),
        ("opened", ", ".join(f"{k} {v}" for k, v in summary.kinds.items()) or summary.opened),
        ("completed", summary.completed),
        ("merged", f"{summary.merged} of {summary.merge_candidates} candidates"),
        ("revisits drawn", summary.revisits_drawn),
        ("rows of the log", ", ".join(f"{k} {v}" for k, v in summary.log_rows.items())),
        ("states at the end", ", ".join(f"{k} {v}" for k, v in summary.states.items())),
        ("simulated time", f"{summary.from_time} … {summary.until_time}"),
        ("events", summary.events),
        ("wall time", f"{summary.wall_s:.1f} s"),
        ("events per second", f"{summary.events_per_s:.0f}"),
    ):
        table.add_row(name, str(value))
    return table


def _breaches(summary: Summary) -> Table:
    levels = sorted({int(level) for rungs in summary.escalations.values() for level in rungs})
    table = Table("clock", "breached", *(f"rung {_LEVELS.get(n, f'+{n}')}" for n in levels))
    for clock, rungs in summary.escalations.items():
        cells = (str(rungs.get(str(level), 0)) for level in levels)
        table.add_row(clock, str(summary.breached.get(clock, 0)), *cells)
    return table


def _refusals(summary: Summary) -> Table:
    table = Table("rows refused", "count", "rows (header is row 1)")
    for reason, count in summary.refused.items():
        rows = [str(r.row) for r in summary.refused_rows if r.reason == reason]
        more = ", …" if len(rows) > _FEW else ""
        listed = "" if reason.startswith(_OF_NO_KIND) else ", ".join(rows[:_FEW]) + more
        table.add_row(reason, str(count), listed)
    return table


def _groups(summary: Summary) -> Table:
    """Show what was grouped, why, and what was opened for it."""
    table = Table("cluster", "cases", "votes", "why", "opened", "first cases")
    for group in summary.clusters:
        why = ", ".join(f"{reason} {count}" for reason, count in group.why.items())
        first = [member.case_id for member in group.members[:_FEW]]
        more = ", …" if len(group.members) > _FEW else ""
        opened = group.opened or "nothing: the rules refused"
        what = f"{group.compound}: {group.topic}"
        table.add_row(
            what, str(group.count), str(group.votes), why, opened, ", ".join(first) + more
        )
    return table

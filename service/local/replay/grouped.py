"""What the detector of clusters grouped in a replay, case by case, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import Row, text

from service.local.replay.plan import ticket_id
from service.local.replay.report import Report
from service.local.replay.source_map import SourceMap
from service.store.unit_of_work import Tx

_JOINED = text("""
SELECT t.facts->>'cluster' AS cluster, t.id, t.number, p.name AS compound, t.category,
       e.data->>'why' AS why, e.data->>'like' AS resembles,
       o.number AS opened, o.kind
  FROM ticket t
  JOIN event e ON e.ticket_id = t.id AND e.type = 'join_cluster'
  JOIN place p ON p.id = t.compound_id
  LEFT JOIN ticket o ON o.id = (e.data->>'ticket')::uuid
 ORDER BY min(e.occurred_at) OVER (PARTITION BY t.facts->>'cluster'), 1, t.opened_at, t.number""")


@dataclass(frozen=True, slots=True)
class Grouped:
    """One case of a group. `why` is the same topic, or a subject similar to that of `like`."""

    case_id: str
    why: str
    like: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """One cluster. `votes` counts the people behind its cases, `why` the reasons.

    `opened` is the number of the order or proposal, None when the rules refused it.
    """

    key: str
    compound: str
    count: int
    votes: int
    why: Mapping[str, int]
    opened: str | None
    kind: str | None
    members: Sequence[Grouped]

    @property
    def topic(self) -> str:
        """The category by which it was found."""
        return self.key.split(":")[1]


def groups(tx: Tx, source: SourceMap, reports: Sequence[Report]) -> tuple[Group, ...]:
    """Return every cluster that was found, in order of time."""
    if source.clusters is None:
        return ()
    by_ticket = {ticket_id(source, report.case_id): report for report in reports}
    rows = tx.conn.execute(_JOINED).all()
    cases = {row.number: by_ticket[row.id] for row in rows}
    listed = groupby(rows, key=lambda row: row.cluster)
    return tuple(_group(key, list(members), cases, source.clusters) for key, members in listed)


def _group(
    key: str, rows: Sequence[Row[tuple[UUID]]], cases: Mapping[str, Report], votes: str
) -> Group:
    members = [cases[row.number] for row in rows]
    likes = {row.number: cases[row.resembles].case_id for row in rows if row.resembles in cases}
    return Group(
        key=key,
        compound=rows[0].compound,
        count=len(rows),
        votes=sum(int(member.cells[votes] or 0) + 1 for member in members),
        why=dict(sorted(Counter(row.why for row in rows).items())),
        opened=rows[0].opened,
        kind=rows[0].kind,
        members=[
            Grouped(member.case_id, row.why, likes.get(row.number))
            for row, member in zip(rows, members, strict=True)
        ],
    )

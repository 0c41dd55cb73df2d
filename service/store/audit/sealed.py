"""Checks what the history keeps only a digest of, and the votes counted from it. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import Any, Final

from service.store.audit.finding import Finding, Record

Members = Mapping[str, Set[str]]
"""Event -> the members of its data that are kept apart."""

_VOTE: Final = "grade"
_COUNT: Final = "tally"
_COUNTED: Final = "tallied"


def check_sealed(record: Record, members: Members) -> Iterator[Finding]:
    """Yield what lies in the history and should not, and what does not fit its digest (I6, I11)."""
    kept: dict[int, list[Mapping[str, Any]]] = {}
    for child in record.sealed:
        kept.setdefault(child.seq, []).append(child.row)
    for line in record.lines:
        hidden = members.get(line.type, frozenset())
        if shown := sorted(hidden & line.data.keys()):
            detail = f"{line.type} shows what is sealed: {', '.join(shown)}"
            yield record.found("I11", "sealed", detail, line.seq)
        rows, stated = kept.pop(line.seq, []), line.data.get("sealed") if hidden else None
        if [digest(row) for row in rows] != ([stated] if hidden else []):
            detail = f"{len(rows)} sealed rows do not fit the digest of {line.type}"
            yield record.found("I6", "sealed", detail, line.seq)
    for seq in kept:
        yield record.found("I6", "sealed", "a sealed row without a line", seq)


def check_votes(record: Record) -> Iterator[Finding]:
    """Yield where a count is not that of the last vote of each voter before it (I2)."""
    closes = [line.seq for line in record.lines if (line.type, line.to_state) == (_COUNT, _COUNTED)]
    facts = record.ticket.facts
    stated = facts.get(_COUNT)
    if not closes or stated is None:
        return
    voters, cast = facts.get("ballots", {}), {}
    for child in sorted(record.sealed, key=lambda one: one.seq):
        if child.row.get("event") == _VOTE and child.seq < closes[-1]:
            actor = child.row["actor"]
            cast[voters.get(actor, actor)] = child.row["data"][_VOTE]
    counted = Counter(cast.values())
    if stated["n"] != len(cast) or any(stated.get(each) != n for each, n in counted.items()):
        detail = f"{stated['n']} votes are counted, {len(cast)} voters voted"
        yield record.found("I2", "votes", detail, closes[-1])


def digest(row: Mapping[str, Any]) -> str:
    """Return the digest of a sealed row, reckoned anew; '' for one that is no such row."""
    if not {"salt", "data"} <= row.keys():
        return ""
    content = json.dumps([row["salt"], row["data"]], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()

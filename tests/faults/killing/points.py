"""The points at which a process can die: before each statement, and on either side of a commit."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

BEFORE_COMMIT = "COMMIT"
AFTER_COMMIT = "after COMMIT"
_TABLE = re.compile(r"\b(?:INTO|UPDATE|FROM|JOIN|ONLY|LATERAL)\s+([a-z_]+)")
_LOCK = re.compile(r"\bFOR (?:NO KEY UPDATE|UPDATE|SHARE)(?: SKIP LOCKED)?")
_TARGET = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?([a-z_]+)")
_NO_TABLES = frozenset({"select", "lateral", "jsonb_to_recordset", "set", "unnest", "skip"})


@dataclass
class Points:
    """What one process passed, in order; it dies at the `fatal`-th point (from 1).

    `committed` is called right after each commit with the number of commits so far.
    """

    fatal: int | None = None
    committed: Callable[[int], None] = lambda _count: None
    passed: list[str] = field(default_factory=list)
    statements: set[str] = field(default_factory=set)
    commits: int = 0

    def hit(self, label: str) -> None:
        """Pass a point, or die at it as a power failure would have it."""
        self.passed.append(label)
        if len(self.passed) == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def commit(self, real: Callable[[Any], None], connection: Any) -> None:
        """Commit, with a point on either side."""
        self.hit(BEFORE_COMMIT)
        real(connection)
        self.commits += 1
        self.committed(self.commits)
        self.hit(AFTER_COMMIT)


_watched: list[Points] = []


def outside(label: str) -> None:
    """Pass a point that is no statement: something was done to the outside world."""
    for points in _watched:
        points.hit(label)


@contextmanager
def watching(engine: Engine, points: Points) -> Iterator[Points]:
    """Count what the engine sends while the body runs."""
    real = engine.dialect.do_commit

    def statement(*args: Any) -> None:
        points.statements.add(squeezed(str(args[2])))
        points.hit(label_of(str(args[2])))

    event.listen(engine, "before_cursor_execute", statement)
    _watched.append(points)
    engine.dialect.do_commit = lambda connection: points.commit(real, connection)  # type: ignore[method-assign]
    try:
        yield points
    finally:
        _watched.remove(points)
        engine.dialect.do_commit = real  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", statement)


def squeezed(statement: str) -> str:
    """Return a statement in one line."""
    return " ".join(statement.split())


def label_of(statement: str) -> str:
    """Return what a statement does to which table, in a few words.

    A write is named by what it writes, a read by the first table it reads, with the lock it
    takes; what has no table by its first words.
    """
    plain = squeezed(re.sub(r"--[^\n]*", "", statement))
    written = [f"{verb} {table}" for verb, table in _TARGET.findall(plain) if table != "skip"]
    if written:
        return ", ".join(dict.fromkeys(written))
    tables = [table for table in _TABLE.findall(plain) if table not in _NO_TABLES]
    lock = _LOCK.search(plain)
    words = [*plain.split(" ", 1)[:1], *tables[:1], *([lock.group()] if lock else [])]
    return " ".join(words) if tables else re.sub(r"\s*sa_savepoint_\d+", "", plain)[:40]

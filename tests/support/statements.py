"""Counts SQL statements: BEGIN, COMMIT, savepoints and what is cached for seconds apart.

Cached are the credential check and the look at the simulated clock, which production lacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

_APART = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET CONSTRAINTS", "BEGIN", "COMMIT")


@contextmanager
def counted(conn: Connection) -> Iterator[list[str]]:
    """Collect the statements that the body executes on the connection."""
    found: list[str] = []

    def note(*args: Any) -> None:
        statement = str(args[2]).strip()
        cached = "api_key" in statement or "app_clock" in statement
        if not cached and not statement.upper().startswith(_APART):
            found.append(statement)

    event.listen(conn, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(conn, "before_cursor_execute", note)

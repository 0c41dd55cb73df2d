"""Records the SQL of one call, so that the floor can do the same statements.

Two recordings of the same kind of call are laid side by side: the UUIDs in which they differ
were minted for the call or name its subject, everything else is part of the statement.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, event

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Statement = tuple[str, Mapping[str, Any], bool]
"""SQL as the driver got it, its bound values, and whether it may be prepared."""


@dataclass(frozen=True, slots=True)
class Tape:
    """The statements of one call. `subject` is the UUID the call was about or brought forth."""

    statements: tuple[Statement, ...]
    subject: str
    minted: tuple[str, ...]

    def played_for(self, subject: str) -> tuple[str, list[Statement]]:
        """Return the statements for another subject, "" for a fresh one, and its id."""
        ident = subject or str(uuid4())
        fresh = {self.subject: ident, **{old: str(uuid4()) for old in self.minted}}
        played: list[Statement] = [
            (sql, {name: _renewed(value, fresh) for name, value in params.items()}, prepared)
            for sql, params, prepared in self.statements
        ]
        return ident, played


def tape_of(call: Callable[[], str]) -> Tape:
    """Make the call twice, each time about a new subject, and keep what the second one did.

    `call` returns the id of its subject.
    """
    with recorded() as earlier:
        call()
    with recorded() as later:
        subject = call()
    varying = _uuids(later) - _uuids(earlier) - {subject}
    return Tape(tuple(later), subject, tuple(sorted(varying)))


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Collect every statement that any engine of this process executes."""
    found: list[Statement] = []

    def note(*args: Any) -> None:
        driver = args[0].connection.driver_connection
        found.append((args[2], dict(args[3]), driver.prepare_threshold is not None))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _uuids(statements: Sequence[Statement]) -> set[str]:
    return {
        ident
        for _, params, _ in statements
        for value in params.values()
        for ident in _UUID.findall(str(value))
    }


def _renewed(value: Any, fresh: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in fresh.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, UUID):
        return UUID(fresh.get(str(value), str(value)))
    if isinstance(value, list):
        return [_renewed(item, fresh) for item in value]
    return value

"""What is read from the database, in one short transaction."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.core.errors import OutcomeUnknown, StorageUnavailable
from service.local.doctor import care, shape, work
from service.local.doctor.finding import Finding, Installation
from service.store.unit_of_work import Tx

AWAY_CURE: Final = "start PostgreSQL, or correct ANJU_DATABASE_URL"

Check = Callable[[Tx, Installation], Iterable[Finding]]
_CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("time", shape.simulated),
    ("time zones", shape.zones),
    ("rights", shape.rights),
    ("calendars", care.calendars),
    ("backup", care.backup),
    ("firing", work.firing),
    ("work", work.progress),
    ("given up", work.given_up),
)
_PATIENCE = text("SET LOCAL statement_timeout = '3s'")


def look(installation: Installation) -> Iterator[Finding]:
    """Judge what the database holds; without its tables only that they are missing."""
    try:
        with installation.application.ports.uow() as tx:
            tx.conn.execute(_PATIENCE)
            yield from _examined(tx, installation)
    except (StorageUnavailable, OutcomeUnknown):
        yield Finding("database", False, "does not answer", AWAY_CURE)


def _examined(tx: Tx, installation: Installation) -> Iterator[Finding]:
    yield from _tried("clock", shape.clock, tx, installation)
    schema = _tried("migrations", shape.schema, tx, installation)
    yield from schema
    if all(finding.ok for finding in schema):
        for name, check in _CHECKS:
            yield from _tried(name, check, tx, installation)


def _tried(name: str, check: Check, tx: Tx, installation: Installation) -> tuple[Finding, ...]:
    """Return what a check finds; a refused or slow statement is a finding of its own."""
    try:
        with tx.savepoint():
            return tuple(check(tx, installation))
    except DBAPIError as exc:
        if exc.connection_invalidated:
            raise
        said = f"the database does not tell: {type(exc.orig).__name__}"
        cure = f"{installation.command} db upgrade  # it grants what the role needs"
        return (Finding(name, False, said, cure),)

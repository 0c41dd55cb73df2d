"""Afterwards: everything runs, the clock stands, and what waits is done."""

from collections.abc import Callable
from threading import Event
from time import monotonic

import psycopg

from tests.faults.soak.stand import Stand
from tests.support.waiting import eventually

_LONGEST_S = 60.0
_LOOK_S = 0.3
_WAITS = """
SELECT (SELECT count(*) FROM clock WHERE next_at <= app_now() AND parked_at IS NULL) AS rungs,
       (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL) AS letters,
       (SELECT count(*) FROM outbox WHERE feeds) AS unnumbered,
       (SELECT count(*) FROM delivery WHERE sent_at IS NULL AND superseded_at IS NULL
           AND dead_at IS NULL) AS parcels"""
# A lease, or the pause after a failure, is machine time of up to an hour: let it have passed.
_PASS = """
UPDATE delivery SET lease_until = clock_timestamp() - interval '1 s', retry_at = '-infinity'
 WHERE sent_at IS NULL AND superseded_at IS NULL AND dead_at IS NULL;
UPDATE outbox SET retry_at = '-infinity' WHERE sent_at IS NULL AND dead_at IS NULL;
UPDATE webhook_endpoint SET slow_until = NULL;
UPDATE clock SET retry_at = '-infinity' WHERE next_at <= app_now() AND parked_at IS NULL"""


def heal(stand: Stand) -> None:
    """Wait until every server and part is there again."""
    stand.wake()
    eventually(stand.servers.postgres.answers, 60)
    eventually(stand.servers.valkey.answers, 60)
    eventually(stand.answers, 60)
    eventually(lambda: len(stand.alive("")) == len(stand.parts), 60)


def drain(stand: Stand, tell: Callable[[str], None], patience_s: float) -> None:
    """Wait until nothing waits; after `patience_s` leases and pauses are taken to be over.

    Raises AssertionError when it does not come to an end.
    """
    began = monotonic()
    while any((left := waiting(stand)).values()):
        passed = monotonic() - began
        if passed > patience_s + _LONGEST_S:
            named = ", ".join(f"{n} {what}" for what, n in left.items() if n)
            tell(f"still waiting after {passed:.0f} s: {named}")
            raise AssertionError(f"it does not drain: {named}")
        if passed > patience_s:
            execute(stand, _PASS)
        Event().wait(_LOOK_S)


def waiting(stand: Stand) -> dict[str, int]:
    """Return how many rungs, letters, unnumbered lines and parcels wait."""
    with _connect(stand) as conn:
        cursor = conn.execute(_WAITS)
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        return {column.name: n for column, n in zip(cursor.description, row, strict=True)}


def execute(stand: Stand, script: str) -> None:
    """Run statements as the application's role."""
    with _connect(stand) as conn:
        conn.execute(script)


def _connect(stand: Stand) -> psycopg.Connection[tuple[int, ...]]:
    url = stand.database.app_url.replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True, connect_timeout=5)

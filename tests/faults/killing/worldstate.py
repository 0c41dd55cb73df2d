"""The whole content of a database: compared by digest, kept aside, brought back.

Left out is what differs between two runs of the same story: transaction numbers, machine
time, and secrets drawn by chance.
"""

import threading
from collections.abc import Mapping
from time import monotonic

import psycopg

Digest = Mapping[str, str]
"""Table -> digest of its rows."""

_STATIC = frozenset({"sla_profile", "transition", "alembic_version"})
_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "event": ("xid",),
    "outbox": ("xid", "retry_at"),
    # How often a parcel was tried is no effect; that it was sent is.
    "delivery": ("attempts", "lease_token", "lease_until", "retry_at"),
    "clock": ("retry_at",),
    "escalation": ("fired_by",),
    "inbox": ("id",),  # some follow from a lease's token; what is told to whom is the effect
    "heartbeat": ("wall_at",),
    "app_clock": ("wall_at",),
    "api_key": ("prefix", "hash"),
    "link": ("token_hash",),
    "webhook_endpoint": ("secret", "old_secret", "slow_until"),
}
_TABLES = """
SELECT c.relname, array_agg(quote_ident(a.attname)::text ORDER BY a.attnum)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
   AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 GROUP BY c.relname ORDER BY c.relname"""
_ALIVE = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
# What a restart of the story may not depend on: a sequence that an undone insert moved on,
# a lease whose holder is dead, a turn that comes again.
_LATER = """
DO $$ DECLARE s record; top bigint; BEGIN
  FOR s IN SELECT seqrelid::regclass AS name, refobjid::regclass AS tab, attname AS col
             FROM pg_sequence JOIN pg_depend ON objid = seqrelid AND deptype IN ('a', 'i')
             JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid LOOP
    EXECUTE format('SELECT max(%I) FROM %s', s.col, s.tab) INTO top;
    PERFORM setval(s.name, coalesce(top, 1), top IS NOT NULL);
  END LOOP;
END $$;
UPDATE delivery SET lease_until = '-infinity' WHERE lease_until > clock_timestamp();
DELETE FROM heartbeat WHERE name LIKE 'schedule.%';
"""


class WorldState:
    """The database of a bench, seen by its owner."""

    def __init__(self, owner_url: str) -> None:
        url = owner_url.replace("+psycopg", "")
        self._conn = psycopg.connect(url, autocommit=True)
        self._conn.execute("SET session_replication_role = replica")
        self._conn.execute("CREATE SCHEMA IF NOT EXISTS kept")
        found = {name: tuple(columns) for name, columns in self._conn.execute(_TABLES)}
        self._columns = {name: cols for name, cols in found.items() if name not in _STATIC}
        self._digests = " UNION ALL ".join(_digest_of(name) for name in self._columns)
        for name in self._columns:
            self._conn.execute(f"CREATE TABLE IF NOT EXISTS kept.{name} AS TABLE {name}")

    def digest(self) -> Digest:
        """Return the digest of every table that may change."""
        return dict(self._conn.execute(self._digests).fetchall())

    def keep(self) -> Digest:
        """Keep the present content aside; return its digest."""
        for name in self._columns:
            self._conn.execute(f"DELETE FROM kept.{name}")
            self._conn.execute(f"INSERT INTO kept.{name} TABLE {name}")
        return self.digest()

    def bring_back(self, kept: Digest) -> None:
        """Bring every table that changed back to what was kept, with what digests leave out."""
        now = self.digest()
        changed = [name for name in kept if now[name] != kept[name] or name in _LEFT_OUT]
        with self._conn.transaction():
            for name in changed:
                columns = ", ".join(self._columns[name])
                self._conn.execute(f"DELETE FROM {name}")
                self._conn.execute(
                    f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE "
                    f"SELECT {columns} FROM kept.{name}"
                )
        self.later()

    def new_events(self) -> set[str]:
        """Return kind and type of the history lines that were not there when it was kept."""
        found = self._conn.execute("SELECT DISTINCT kind || '.' || type FROM event JOIN "
                                   "(SELECT id FROM event EXCEPT SELECT id FROM kept.event) n "
                                   "USING (id)")  # fmt: skip
        return {str(row[0]) for row in found}

    def later(self) -> None:
        """Let the time pass after which a dead process is not waited for any more."""
        self._conn.execute(_LATER)

    def gone(self, name: str, within_s: float = 5.0) -> bool:
        """Tell whether the sessions of a dead process, and so its locks, end in time."""
        until = monotonic() + within_s
        while self._count(name):
            if monotonic() > until:
                return False
            threading.Event().wait(0.001)
        return True

    def _count(self, name: str) -> int:
        row = self._conn.execute(_ALIVE, (name,)).fetchone()
        return 0 if row is None else int(row[0])

    def execute(self, statement: str) -> None:
        """Do something that no command does."""
        self._conn.execute(statement)

    def close(self) -> None:
        """Close the connection."""
        self._conn.close()


def _digest_of(table: str) -> str:
    out = "{" + ",".join(_LEFT_OUT.get(table, ())) + "}"
    return (
        f"SELECT '{table}', md5(coalesce(string_agg(r, '|' ORDER BY r), '')) FROM "
        f"(SELECT (to_jsonb(t) - '{out}'::text[])::text AS r FROM {table} t) x"
    )

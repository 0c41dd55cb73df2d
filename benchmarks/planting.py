"""Multiplies the orders of a mould: each copy another id, number, home and time, else equal.

Times move together, so histories, clocks and what they promise stay consistent; hashes are
computed anew by the database's own `event_hash`. Triggers and foreign keys stand aside while
planting: `anju audit verify` says whether what was planted is sound.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

Connection = psycopg.Connection[tuple[object, ...]]

# What is the same in every copy of the world, and what is multiplied.
_WORLD = (
    "sla_profile", "place", "vendor", "crew", "utility", "party", "account", "api_key",
    "attachment", "attachment_part", "attachment_copy",
)  # fmt: skip
_HANGING = (
    "assignment", "ticket_child", "ticket_attachment", "clock", "escalation", "inbox",
)  # fmt: skip
_MOULDED = ("ticket", "event", "outbox", *_HANGING)

_PREPARE = """
CREATE INDEX ON mould.event (ticket_id, seq);
ANALYZE mould.ticket, mould.event;

-- Times and the home in a document, moved with the order. A moved time is marked until the
-- end, so that it is not taken for another one that is still to be moved.
CREATE FUNCTION mould.moved(doc jsonb, by interval, home text, new_home text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE said text := replace(doc::text, '"' || home || '"', '"' || new_home || '"'); found text;
BEGIN
  IF position('Z"' IN said) = 0 THEN RETURN said::jsonb; END IF;
  FOR found IN SELECT DISTINCT m[1]
      FROM regexp_matches(said, '"(\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z)"', 'g') m LOOP
    said := replace(said, '"' || found || '"', '"~' || to_char(
      (found::timestamptz + by) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"');
  END LOOP;
  RETURN replace(said, '"~', '"')::jsonb;
END $$;

-- Orders that may be moved anywhere in time and to any home of their compound: no clock of
-- the local day, no resident of one home acting, no other order involved.
CREATE TABLE mould.free AS
SELECT t.id, t.last_event_at, armed.*, t.closed_at IS NOT NULL AS closed,
       armed.first_at - (SELECT max(received_at) FROM event_of e WHERE e.ticket_id = t.id) AS ahead,
       least(armed.second_at, armed.after) - armed.first_at AS calm,
       ARRAY(SELECT p.id FROM place p WHERE p.level = 'household'
                AND p.path LIKE (SELECT path FROM place c WHERE c.id = t.compound_id) || '/%'
              ORDER BY p.id) AS homes
  FROM mould.ticket t
  LEFT JOIN LATERAL (
    SELECT count(*)::int AS rungs, min(next_at) AS first_at,
           (array_agg(next_at ORDER BY next_at))[2] AS second_at,
           -- After a warning comes the breach; the rungs of `handle` lie hours apart.
           (array_agg(CASE WHEN next_level = -1 THEN due_at
                           WHEN name = 'handle' THEN next_at + interval '4 h' ELSE next_at END
                      ORDER BY next_at))[1] AS after
      FROM mould.clock WHERE ticket_id = t.id AND next_at IS NOT NULL) armed ON true
 WHERE t.kind = 'repair_order' AND t.place_path LIKE 'jinjiang/%'
   AND (SELECT level FROM place WHERE id = t.place_id) = 'household'
   AND NOT EXISTS (SELECT FROM mould.event e WHERE e.ticket_id = t.id AND (
         e.actor_role = 'resident' OR e.type IN ('merge', 'absorb')
         OR coalesce(e.effects->'terms'->'absolute', '[]') <> '[]'));
""".replace("event_of", "mould.event")

_PLAN = """
CREATE TEMP TABLE plan ON COMMIT DROP AS
WITH mine AS (
  SELECT *, row_number() OVER (ORDER BY id) AS nth, count(*) OVER () AS many
    FROM mould.free WHERE {eligible}),
slot AS (
  SELECT b.since + make_interval(secs => b.seconds * (i - 0.5) / b.number) AS due, b.loose,
         (i - 0.5) / b.number AS share, row_number() OVER (ORDER BY hashint8(i + b.n * 7919)) AS n
    FROM unnest(%(numbers)s::int[], %(since)s::timestamptz[], %(seconds)s::float8[],
                %(loose)s::bool[]) WITH ORDINALITY b (number, since, seconds, loose, n),
         generate_series(1, b.number) i),
placed AS (
  SELECT s.n, m.id AS old, m.homes[1 + (s.n / m.many) %% cardinality(m.homes)] AS home,
         date_trunc('milliseconds', {due}) AS due, m.{anchor} AS anchor
    FROM slot s JOIN mine m ON m.nth = 1 + s.n %% m.many)
SELECT p.old, p.due - p.anchor AS by, p.home, h.path AS home_path, t.place_id AS old_home,
       w.name AS old_name, h.name AS home_name, t.number AS old_number,
       uuidv7(t.opened_at + (p.due - p.anchor) - clock_timestamp()) AS id,
       ((t.opened_at + (p.due - p.anchor)) AT TIME ZONE t.time_zone)::date AS day,
       ''::text AS number
  FROM placed p JOIN mould.ticket t ON t.id = p.old JOIN place h ON h.id = p.home
  JOIN place w ON w.id = t.place_id ORDER BY p.n;
"""

_NUMBER = """
WITH last AS (SELECT day, last FROM ticket_number WHERE kind = 'repair_order'),
given AS (
  SELECT p.id, p.day, coalesce(last.last, 0) + row_number() OVER (PARTITION BY p.day) AS n
    FROM plan p LEFT JOIN last USING (day)),
kept AS (
  INSERT INTO ticket_number (kind, day, last)
  SELECT 'repair_order', day, max(n) FROM given GROUP BY day
  ON CONFLICT (kind, day) DO UPDATE SET last = excluded.last)
UPDATE plan p SET number = 'RO-' || to_char(g.day, 'YYYYMMDD') || '-'
         || lpad(g.n::text, greatest(4, length(g.n::text)), '0')
  FROM given g WHERE g.id = p.id;
CREATE INDEX ON plan (old);
ANALYZE plan;
"""

# Letters of old orders were sent, and numbered into the feed in their order.
_FEED = """
INSERT INTO feed (seq, ticket_id, event_seq, topic, place_key, gone_key)
SELECT (SELECT coalesce(max(seq), 0) FROM feed) + row_number() OVER (ORDER BY o.id),
       o.ticket_id, o.event_seq, o.topic, o.place_key, o.gone_key
  FROM outbox o JOIN plan p ON p.id = o.ticket_id
 WHERE o.dedupe_key NOT LIKE 'nt:%' OR o.topic LIKE 'sla.%'
"""
_SECONDARY = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
 WHERE i.indrelid = ANY(%s::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"""


@dataclass(frozen=True, slots=True)
class Band:
    """So many orders, spread evenly over `seconds` from `since` on.

    What lies there is their next rung; for orders without one, their last event. Those of a
    `loose` band keep away from `since` and lie as far ahead as their history allows.
    """

    number: int
    since: datetime
    seconds: float
    loose: bool = False


OPEN = "ahead >= interval '2 h' AND calm >= interval '45 min'"
"""Moulds whose next rung is far enough ahead of their last event, and alone there."""
CLOSED = "closed AND rungs = 0"


def install(conn: Connection, mould: Connection) -> None:
    """Copy the mould's world, and its orders into a schema of their own."""
    conn.execute("SET session_replication_role = replica")
    conn.execute("CREATE SCHEMA mould")
    conn.execute("DELETE FROM sla_profile")
    for table in _WORLD:
        _copy(mould, conn, table, table)
    for table in _MOULDED:
        conn.execute(f"CREATE TABLE mould.{table} (LIKE public.{table} INCLUDING GENERATED)")
        _copy(mould, conn, table, f"mould.{table}")
    conn.execute(_PREPARE)


@contextmanager
def quickly(conn: Connection) -> Iterator[None]:
    """Plant in the body without the tables' secondary indexes; they are built at its end."""
    found = conn.execute(_SECONDARY, (list(_MOULDED),)).fetchall()
    for name, _ in found:
        conn.execute(f"DROP INDEX {name}")
    yield
    conn.execute("SET maintenance_work_mem = '512MB'")
    for _, definition in found:
        conn.execute(str(definition))


def plant(conn: Connection, bands: Sequence[Band], eligible: str = OPEN) -> int:
    """Plant the orders of the bands, shuffled, in one transaction; return how many there are.

    `eligible` says from which moulds: OPEN or CLOSED.
    """
    anchor = "last_event_at" if eligible == CLOSED else "first_at"
    loose = "s.due + s.share * (m.ahead - interval '2 h')"
    due = "s.due" if eligible == CLOSED else f"CASE WHEN s.loose THEN {loose} ELSE s.due END"
    params = {
        "numbers": [band.number for band in bands],
        "since": [band.since for band in bands],
        "seconds": [float(band.seconds) for band in bands],
        "loose": [band.loose for band in bands],
    }
    with conn.transaction():
        conn.execute("SET LOCAL session_replication_role = replica")
        # Bound here, as the server binds nothing in a statement that makes a table.
        plan = _PLAN.format(eligible=eligible, anchor=anchor, due=due)
        psycopg.ClientCursor(conn).execute(plan, params)
        conn.execute(_NUMBER)
        _multiply(conn, "ticket", _OWN["ticket"])
        _multiply_events(conn)
        for table in _HANGING:
            _multiply(conn, table, _OWN.get(table, {}))
        _multiply(conn, "outbox", _OWN["outbox"], " ORDER BY p.id, m.event_seq")
        conn.execute(_FEED)
    return sum(band.number for band in bands)


_OWN: Mapping[str, Mapping[str, str]] = {
    "ticket": {
        "id": "p.id",
        "number": "p.number",
        "place_id": "p.home",
        "place_path": "p.home_path",
        "search": "replace(replace(m.search, lower(p.old_number), lower(p.number)),"
        " p.old_name, p.home_name)",
    },
    "inbox": {"id": "uuidv7(m.at + p.by - clock_timestamp())"},
    "outbox": {
        "dedupe_key": "replace(m.dedupe_key, p.old::text, p.id::text)",
        "place_key": "p.home_path || '/'",
        "feeds": "false",
        "xid": "pg_current_xact_id()",
    },
}


def _multiply(conn: Connection, table: str, own: Mapping[str, str], order: str = "") -> None:
    columns = _columns(conn, table)
    if table == "outbox":
        del columns["id"]  # the letters' own order
    values = {name: _value(name, kind, own) for name, kind in columns.items()}
    key = "id" if table == "ticket" else "ticket_id"
    conn.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values.values())}"
        f" FROM plan p JOIN mould.{table} m ON m.{key} = p.old{order}"
    )


def _multiply_events(conn: Connection) -> None:
    """Insert line by line of the histories: each is sealed with the hash before it."""
    columns = _columns(conn, "event")
    own = {
        "id": "uuidv7(m.received_at + p.by - clock_timestamp())",
        "xid": "pg_current_xact_id()",
        "prev_hash": "b.hash",
        "hash": "NULL::bytea",
    }
    values = {name: _value(name, kind, own) for name, kind in columns.items()}
    names = ", ".join(columns)
    sealed = ", ".join("event_hash(e)" if name == "hash" else f"e.{name}" for name in columns)
    lengths = conn.execute("SELECT max(seq) FROM plan p JOIN mould.ticket m ON m.id = p.old")
    row = lengths.fetchone()
    row_of = ", ".join(f"x.{name}" for name in columns)
    for seq in range(1, int(str(row[0])) + 1 if row else 0):
        conn.execute(
            f"INSERT INTO event ({names}) SELECT {sealed} FROM (SELECT {', '.join(values.values())}"
            f" FROM plan p JOIN mould.event m ON m.ticket_id = p.old AND m.seq = {seq}"
            f" LEFT JOIN event b ON b.ticket_id = p.id AND b.seq = {seq - 1}"
            f") x ({names}), LATERAL (SELECT (ROW({row_of})::event).*) e"
        )


def _value(name: str, kind: str, own: Mapping[str, str]) -> str:
    if name in own:
        return own[name]
    if name == "ticket_id":
        return "p.id"
    if kind == "timestamp with time zone":
        return f"m.{name} + p.by"
    if kind == "jsonb":
        return f"mould.moved(m.{name}, p.by, p.old_home, p.home)"
    return f"m.{name}"


def _columns(conn: Connection, table: str) -> dict[str, str]:
    """Return the columns that may be written, in the table's order, with their types."""
    found = conn.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        (table,),
    )
    return {str(name): str(kind) for name, kind in found}


def _copy(source: Connection, target: Connection, table: str, into: str) -> None:
    columns = ", ".join(_columns(source, table))
    with (
        source.cursor().copy(f"COPY {table} ({columns}) TO STDOUT (FORMAT binary)") as blocks,
        target.cursor().copy(f"COPY {into} ({columns}) FROM STDIN (FORMAT binary)") as sink,
    ):
        for block in blocks:
            sink.write(block)

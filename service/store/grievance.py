"""Complaints as the cluster detector and the quarterly ranking read them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from service.store.unit_of_work import Tx
from service.workflows.clusters import Filed
from service.workflows.ranking import Grievance

# A cluster that was opened and not yet noted on each of its complaints is found once more, with
# all of them: whoever was to note it died.
_LOOSE = text("""
SELECT cast(t.id AS text), t.number, t.compound_id, t.category, t.title, t.vendor_id, t.opened_at,
       t.urgency = 'emergency'
  FROM ticket t
 WHERE t.kind = :kind AND t.opened_at >= :since
   AND (t.facts->>'cluster' IS NULL OR EXISTS (
         SELECT FROM ticket_cause mine JOIN ticket_cause other USING (effect_id, relation)
           JOIN ticket o ON o.id = other.cause_id
          WHERE mine.cause_id = t.id AND mine.relation = 'cluster'
            AND o.facts->>'cluster' IS NULL AND NOT o.state = ANY(:without)))
   AND NOT t.state = ANY(:without)
 ORDER BY t.opened_at, t.id""")
_GRIEVANCES = text("""
SELECT t.compound_id, t.opened_at, coalesce((t.facts->>'petition')::boolean, false),
       t.reporter_channel = '12345'
  FROM ticket t
 WHERE t.kind = ANY(:kinds) AND t.opened_at >= :since AND t.opened_at < :until""")
_DISTRICTS = text("""
SELECT p.id, p.time_zone FROM place p WHERE p.level = 'district' ORDER BY p.id""")
_COMPOUNDS = text("""
SELECT c.id, split_part(c.path, '/', 1) FROM place c WHERE c.level = 'compound'""")


def loose(tx: Tx, kind: str, since: datetime, *, without: Sequence[str]) -> Sequence[Filed]:
    """Return the complaints since a time that count for no cluster yet.

    Those in one of the states `without` were taken back.
    """
    params = {"kind": kind, "since": since, "without": list(without)}
    return [Filed(*row) for row in tx.conn.execute(_LOOSE, params)]


def grievances(
    tx: Tx, kinds: Sequence[str], since: datetime, until: datetime
) -> Sequence[Grievance]:
    """Return what was filed in a half-open span."""
    params = {"kinds": list(kinds), "since": since, "until": until}
    return [Grievance(*row) for row in tx.conn.execute(_GRIEVANCES, params)]


def districts(tx: Tx) -> Sequence[tuple[str, str]]:
    """Return id and time zone of every district."""
    return [(row.id, row.time_zone) for row in tx.conn.execute(_DISTRICTS)]


def district_of(tx: Tx) -> dict[str, str]:
    """Return the district of every compound."""
    return {row[0]: row[1] for row in tx.conn.execute(_COMPOUNDS)}

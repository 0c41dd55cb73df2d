"""What every fault run ends with: the database is held against the invariants."""

from service.store.audit.walk import Verifier
from tests.support.live import Live

_DOUBLES = """
SELECT 'escalation without its one mark' WHERE (SELECT count(*) FROM escalation) <>
       (SELECT count(*) FROM event WHERE type IN ('clock_warned', 'clock_breached', 'escalated'))
UNION ALL SELECT 'fired early' FROM escalation WHERE noticed_at < due_at
UNION ALL SELECT 'two open assignments' FROM assignment WHERE ended_at IS NULL
   GROUP BY ticket_id HAVING count(*) > 1
UNION ALL SELECT 'a transaction lives on' FROM pg_stat_activity
   WHERE datname = current_database() AND xact_start < clock_timestamp() - interval '15 s'"""


def assert_sound(live: Live) -> None:
    """Assert I1 to I6, I9, I10 and I13 on what is stored now."""
    ports = live.app.ports
    verdict = Verifier(ports.uow, ports.registry, ports.calendars).verify()
    assert verdict.findings == ()
    assert live.rows(_DOUBLES) == []


def marks(live: Live, order: object, clock: str, level: int) -> object:
    """Return how often a rung of an order fired."""
    return live.value(
        "SELECT count(*) FROM event WHERE ticket_id = :id AND data->>'clock' = :clock "
        "AND data->>'level' = :level AND type IN ('clock_warned', 'clock_breached', 'escalated')",
        id=order, clock=clock, level=str(level),
    )  # fmt: skip

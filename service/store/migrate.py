"""Brings a database to the current shape and hands the application role its rights."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from service.core.workflow import Workflow
from service.sla.policy import Profile

_HERE = Path(__file__).parent / "migrations"
_LOCK = 20_260_101
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


class NotEmpty(Exception):
    """The movable clock goes only into an empty database (RULINGS 22)."""


class NoApplicationRole(Exception):
    """The application role does not exist; the message says how to make it."""


def upgrade(
    owner_url: str,
    *,
    app_role: str,
    registry: Mapping[str, Workflow],
    profiles: Iterable[Profile],
    simulated: bool = False,
) -> None:
    """Migrate, synchronise legal moves and SLA profiles, and grant the rights.

    Runs under one advisory lock, so that two deploys wait for each other. A second run
    changes nothing. Raises NotEmpty, NoApplicationRole.
    """
    engine = create_engine(owner_url)
    try:
        with engine.begin() as conn:
            conn.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
            _require_role(conn, app_role)
            fresh = conn.execute(text("SELECT to_regclass('ticket') IS NULL")).scalar_one()
            conn.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            _migrate(conn)
            if simulated:
                _install_clock(conn, fresh=fresh)
            _sync_transitions(conn, registry)
            _sync_profiles(conn, profiles)
            _grant(conn, app_role)
    finally:
        engine.dispose()


def head() -> str:
    """Return the newest revision this code knows."""
    return "0001"


def _migrate(conn: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def _require_role(conn: Connection, role: str) -> None:
    found = conn.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": role}).scalar()
    if found is None:
        raise NoApplicationRole(
            f"role {role!r} does not exist; create it: CREATE ROLE {role} LOGIN PASSWORD '…'"
        )


def _install_clock(conn: Connection, *, fresh: bool) -> None:
    if conn.execute(text("SELECT to_regclass('app_clock') IS NOT NULL")).scalar_one():
        return
    if not fresh and conn.execute(text("SELECT EXISTS (SELECT FROM ticket)")).scalar_one():
        raise NotEmpty("a database with tickets keeps its real clock")
    conn.exec_driver_sql((_HERE / "simulated.sql").read_text(encoding="utf-8"))


def _sync_transitions(conn: Connection, registry: Mapping[str, Workflow]) -> None:
    """Add new legal moves; old ones stay, so that tickets in flight can be replayed."""
    rows = [
        {"kind": kind, "f": source, "e": event, "t": target}
        for kind, workflow in registry.items()
        for source, event, target in workflow.legal_moves()
    ]
    conn.execute(
        text("INSERT INTO transition VALUES (:kind, :f, :e, :t) ON CONFLICT DO NOTHING"), rows
    )


def _sync_profiles(conn: Connection, profiles: Iterable[Profile]) -> None:
    """Add a version of each profile whose numbers differ from the newest stored ones."""
    newest = {
        row.id: (row.version, row.digest)
        for row in conn.execute(
            text(
                "SELECT DISTINCT ON (id) id, version, digest FROM sla_profile "
                "ORDER BY id, version DESC"
            )
        )
    }
    for profile in profiles:
        body = orjson.dumps(profile.body(), option=orjson.OPT_SORT_KEYS).decode()
        digest = hashlib.sha256(body.encode()).hexdigest()
        version, known = newest.get(profile.id, (0, ""))
        if digest != known:
            conn.execute(
                text(
                    "INSERT INTO sla_profile (id, version, kind, body, digest, missing, "
                    "effective_from) VALUES (:id, :v, :kind, cast(:body AS jsonb), :digest, "
                    ":missing, coalesce(:since, app_now()))"
                ),
                {
                    "id": profile.id,
                    "v": version + 1,
                    "kind": profile.kind,
                    "body": body,
                    "digest": digest,
                    "missing": list(profile.missing),
                    # The first version has always held: a replay begins years ago.
                    "since": _ALWAYS if version == 0 else None,
                },
            )


def _grant(conn: Connection, role: str) -> None:
    """Give the application role what commands need: no UPDATE or DELETE on the history."""
    quoted = '"' + role.replace('"', '""') + '"'
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {quoted}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
        f"GRANT INSERT, UPDATE ON place, vendor, crew, utility, party, account, api_key, ticket,"
        f" assignment, clock, escalation, outbox, inbox, webhook_endpoint, delivery, link,"
        f" attachment, idempotency, ticket_number, heartbeat, revisit_sample, deposit TO {quoted}",
        f"GRANT INSERT ON event, ticket_child, ticket_stake, ticket_cause, ledger_entry,"
        f" credit_event, note, feed, attachment_part, attachment_copy, ticket_attachment,"
        f" pii_access_log, sla_profile, revisit_alarm TO {quoted}",
        f"GRANT UPDATE (level, tier, party) ON note TO {quoted}",
        f"GRANT DELETE ON idempotency, attachment, attachment_part, ticket_stake, webhook_endpoint"
        f" TO {quoted}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON event, pii_access_log, transition, ledger_entry,"
        f" credit_event FROM {quoted}",
    ):
        conn.exec_driver_sql(statement)
    movable = conn.execute(text("SELECT to_regclass('app_clock') IS NOT NULL")).scalar_one()
    if movable:
        conn.exec_driver_sql(f"GRANT UPDATE ON app_clock TO {quoted}")

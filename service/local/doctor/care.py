"""What an operator has to look after in time: backups and next year's calendars."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from sqlalchemy import text

from service.local.doctor.finding import Finding, Installation, judged
from service.sla.calendar import Calendar, CalendarGap, Calendars, newest, pinned
from service.store import heartbeat
from service.store.unit_of_work import Tx

BACKUP: Final = "backup"
"""The heartbeat that `anju backup noted` leaves."""

BACKUP_H: Final = 26.0
"""A backup each day, and two hours for it to run."""

AHEAD: Final = timedelta(days=60)
"""How far calendars in use must reach: time enough to write and deploy the next year."""

_BACKUP_AGE = text("""
SELECT extract(epoch FROM clock_timestamp() - wall_at)::float8 / 3600 FROM heartbeat
 WHERE name = :name""")
_RULES = text("""
SELECT DISTINCT jsonb_path_query(body, '$.**.calendar') #>> '{}' FROM (
  SELECT DISTINCT ON (id) body FROM sla_profile ORDER BY id, version DESC) AS newest""")
_RUNNING = text("""
SELECT calendar, calendar_version, count(*) AS n FROM clock WHERE state <> 'stopped'
 GROUP BY 1, 2 ORDER BY 1, 2""")


def note_backup(tx: Tx) -> None:
    """Note that a backup has succeeded now."""
    heartbeat.beat(tx, BACKUP)


def backup(tx: Tx, installation: Installation) -> Iterator[Finding]:
    """Judge the age of the last backup that was noted; demo and tests need none.

    A role that may only work cannot see dumps, and an archive of the write-ahead log is no
    backup by itself: only whoever makes the backup knows, and says so by a heartbeat.
    """
    environment = installation.application.settings.environment
    age = tx.conn.execute(_BACKUP_AGE, {"name": BACKUP}).scalar()
    said = "never noted" if age is None else f"noted {max(0.0, age):.0f} h ago"
    required = environment == "production"
    cure = (
        'pg_dump --format=custom --file=anju.dump "$ANJU_OWNER_DATABASE_URL"'
        f" && {installation.command} backup noted"
    )
    recent = age is not None and age <= BACKUP_H
    said = said if required else f"{said}; not required in {environment}"
    yield judged(BACKUP, said, cure, ok=recent or not required)


def calendars(tx: Tx, installation: Installation) -> Iterator[Finding]:
    """Judge whether every calendar in use reaches far enough and is proclaimed."""
    today = tx.now().date()
    known = installation.application.ports.calendars
    running = {(row.calendar, row.calendar_version): row.n for row in tx.conn.execute(_RUNNING)}
    names = {name for name, _ in running} | set(tx.conn.execute(_RULES).scalars())
    faults = _faults_of_newest(known, names, today) | _faults_of_pinned(known, running, today)
    said = "; ".join(faults) or f"{len(names)} in use reach to {today + AHEAD} or beyond"
    yield judged("calendars", said, "; ".join(faults.values()), ok=not faults)


def _faults_of_newest(known: Calendars, names: set[str], today: date) -> dict[str, str]:
    """Return what ails the calendars that new clocks will take, each with its cure."""
    found: dict[str, str] = {}
    for name in sorted(names):
        place = f"config/calendars/{name.replace('-', '_')}.toml"
        try:
            calendar = newest(known, name)
        except CalendarGap:
            found[f"no calendar {name}"] = f"write {place} and deploy"
            continue
        if _ends_by(calendar, today + AHEAD):
            cure = f"add the next year to {place} as version {calendar.version + 1} and deploy"
            found[f"{name} ends on {calendar.last}"] = cure
        if today.year in calendar.provisional:
            cure = f"put the proclaimed days into {place} as version {calendar.version + 1}"
            found[f"{name}: {today.year} is provisional"] = f"{cure} and deploy"
    return found


def _faults_of_pinned(
    known: Calendars, running: Mapping[tuple[str, int], int], today: date
) -> dict[str, str]:
    """Return the versions that running clocks cannot be reckoned by, each with its cure."""
    found: dict[str, str] = {}
    for (name, version), clocks in running.items():
        try:
            over = _ends_by(pinned(known, name, version), today)
        except CalendarGap:
            said = f"{clocks} running clocks need {name} version {version}, which is gone"
            found[said] = f"bring version {version} of {name} back to config/calendars and deploy"
            continue
        if over:
            said = f"{clocks} running clocks count by {name} version {version}, which is over"
            found[said] = f"lengthen version {version} of {name} in config/calendars and deploy"
    return found


def _ends_by(calendar: Calendar, day: date) -> bool:
    return calendar.last is not None and calendar.last < day

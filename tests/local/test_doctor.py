"""The doctor: each planted fault is found, its cure named, and gone once the cure is applied."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from types import SimpleNamespace

import pytest
import redis
import structlog
from sqlalchemy import create_engine, make_url

from service import bootstrap
from service.__main__ import main
from service.core.errors import StorageUnavailable
from service.jobs.ticker import Ticker
from service.local.doctor.database import AWAY_CURE
from service.local.doctor.examination import BOUND_S, examine
from service.local.doctor.finding import Finding, Installation
from service.store import heartbeat
from tests.support.live import Live, living

pytestmark = pytest.mark.db

SECRET = "a-secret-of-the-tests-with-forty-letters"


@dataclass
class Ward:
    """An installation that is well until a test plants a fault."""

    live: Live
    run: Callable[..., tuple[int, str]]
    owner_url: str
    valkey: str

    def do(self, statement: str) -> None:
        """Change the database as its owner."""
        engine = create_engine(self.owner_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            conn.exec_driver_sql(statement)
        engine.dispose()

    def ill(self) -> dict[str, str]:
        """Return the cures by check of what the doctor finds; its exit code must agree."""
        code, out = self.run("doctor", "--json")
        body = json.loads(out)
        found = {row["check"]: row["cure"] for row in body["findings"] if not row["ok"]}
        assert all(found.values())
        assert (code, body["healthy"]) == (1 if found else 0, not found)
        return found


@pytest.fixture
def ward(clean_database, valkey, monkeypatch, capsys) -> Iterator[Ward]:
    for name, value in {
        "ANJU_ENVIRONMENT": "test",
        "ANJU_DATABASE_URL": clean_database.app_url,
        "ANJU_OWNER_DATABASE_URL": clean_database.owner_url,
        "ANJU_REDIS_URL": valkey,
        "ANJU_SECRET": SECRET,
    }.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["anju", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    with living(clean_database) as live:
        made = Ward(live, run, clean_database.owner_url, valkey)
        beat(made, "ticker")
        beat(made, "worker")
        assert made.ill() == {}
        yield made
    structlog.reset_defaults()


def beat(ward: Ward, name: str, **detail: object) -> None:
    with ward.live.app.ports.uow() as tx:
        heartbeat.beat(tx, name, **detail)


def statement_of(cure: str) -> str:
    """Return what a cure by `psql … -c "…"` would execute."""
    return cure.partition(' -c "')[2].partition('"')[0]


def test_a_weak_secret(ward, monkeypatch):
    for weak in ("short", "abab" * 10):
        monkeypatch.setenv("ANJU_SECRET", weak)
        assert ward.ill()["secret"].startswith("export ANJU_SECRET=$(python3")

    monkeypatch.setenv("ANJU_SECRET", SECRET)
    assert ward.ill() == {}


def test_a_weak_password_is_named_and_never_shown(ward, monkeypatch):
    url = make_url(ward.owner_url).set(password="password123456")
    monkeypatch.setenv("ANJU_OWNER_DATABASE_URL", url.render_as_string(hide_password=False))

    _, out = ward.run("doctor", "--json")
    assert "\\password anju_owner" in ward.ill()["passwords"]
    assert "password123456" not in out

    monkeypatch.setenv("ANJU_OWNER_DATABASE_URL", ward.owner_url)
    assert ward.ill() == {}


def test_a_full_disk(ward, monkeypatch):
    with monkeypatch.context() as planted:
        planted.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=100 << 20))
        assert "du -xh" in ward.ill()["disk"]

    assert ward.ill() == {}


def test_a_disk_is_measured_where_the_embedded_servers_write(ward, monkeypatch, tmp_path):
    measured: list[Path] = []

    def usage(place: Path) -> SimpleNamespace:
        measured.append(place)
        return SimpleNamespace(free=1 if place == tmp_path else 1 << 40)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    found = examine(Installation(ward.live.app, "anju", tmp_path))

    assert tmp_path / "postgres" in measured
    assert [f.said for f in found if f.name == "disk"] == [f"0 MiB free at {tmp_path}"]


def test_redis_that_evicts(ward):
    with redis.Redis.from_url(ward.valkey, decode_responses=True) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            cure = ward.ill()["redis"]
            words = cure.partition(" config ")[2].partition("#")[0].split()
            assert words == ["set", "maxmemory-policy", "noeviction"]
            client.execute_command("CONFIG", *words)
            assert ward.ill() == {}
        finally:
            client.config_set("maxmemory-policy", "noeviction")


def test_a_clock_that_is_wrong(ward):
    role = "ALTER ROLE anju_app IN DATABASE anju_committed"
    ward.do("""
        CREATE SCHEMA planted; GRANT USAGE ON SCHEMA planted TO anju_app;
        CREATE FUNCTION planted.clock_timestamp() RETURNS timestamptz LANGUAGE sql
          AS $$ SELECT pg_catalog.clock_timestamp() + interval '7 s' $$""")
    try:
        ward.do(f"{role} SET search_path = planted, pg_catalog, public")
        assert ward.ill()["clock"].startswith("timedatectl set-ntp true")
    finally:
        ward.do(f"{role} RESET search_path; DROP SCHEMA planted CASCADE")

    assert ward.ill() == {}


def test_an_unknown_time_zone(ward):
    ward.do("UPDATE place SET time_zone = 'Mars/Olympus' WHERE id = 'old'")

    cure = ward.ill()["time zones"]
    ward.do(statement_of(cure))

    assert ward.ill() == {}


def test_missing_migrations(ward, servers, monkeypatch):
    servers.postgres.drop_database("anju_sick")
    servers.postgres.create_database("anju_sick")
    try:
        for name, role in (
            ("ANJU_DATABASE_URL", "anju_app"),
            ("ANJU_OWNER_DATABASE_URL", "anju_owner"),
        ):
            monkeypatch.setenv(name, servers.postgres.url(role, "anju_sick"))
        cure = ward.ill()["migrations"]
        assert ward.run(*cure.split()[1:])[0] == 0
        assert "migrations" not in ward.ill()
    finally:
        servers.postgres.drop_database("anju_sick")


def test_a_database_of_newer_code_is_not_sent_to_the_migrations(ward):
    ward.do("UPDATE alembic_version SET version_num = '9999'")

    assert ward.ill()["migrations"] == "deploy the newer code"


def test_a_role_that_may_rewrite_histories(ward, monkeypatch):
    app_url = make_url(ward.live.app.settings.database_url)
    monkeypatch.setenv("ANJU_DATABASE_URL", ward.owner_url)
    assert "a role that owns nothing" in ward.ill()["rights"]

    monkeypatch.setenv("ANJU_DATABASE_URL", app_url.render_as_string(hide_password=False))
    assert ward.ill() == {}


@pytest.mark.parametrize(("name", "silent_s"), [("ticker", 20), ("worker", 70)])
def test_a_dead_process(ward, name, silent_s):
    ward.live.do(
        "UPDATE heartbeat SET wall_at = wall_at - :s * interval '1 s' WHERE name = :name",
        s=silent_s, name=name,
    )  # fmt: skip

    assert ward.ill() == {name: f"anju {name}"}

    beat(ward, name)
    assert ward.ill() == {}


def test_without_redis_nobody_needs_a_worker(ward, monkeypatch):
    ward.do("DELETE FROM heartbeat WHERE name = 'worker'")
    monkeypatch.delenv("ANJU_REDIS_URL")

    assert ward.ill() == {}


def test_a_clock_that_did_not_fire_and_a_letter_that_was_not_sent(ward):
    ward.live.story.submit()
    ward.live.story.advance(minutes=20)
    ward.live.do("UPDATE heartbeat SET wall_at = wall_at - interval '1 h'")

    ill = ward.ill()
    assert ill["clocks"] == ill["outbox"] == ill["ticker"] == "anju ticker"

    beat(ward, "ticker")
    beat(ward, "worker")
    assert set(ward.ill()) == {"clocks", "outbox"}  # they live, and still it waits
    Ticker(ward.live.app).tick()
    assert ward.ill() == {}


def test_work_that_was_given_up(ward):
    ward.live.story.submit()
    ward.live.do("UPDATE clock SET parked_at = clock_timestamp(), attempts = 9")
    ward.live.do("UPDATE outbox SET dead_at = app_now(), attempts = 9")

    cure = ward.ill()["given up"]
    ward.do(statement_of(cure))

    assert ward.ill() == {}
    assert ward.live.value("SELECT sum(attempts) FROM clock") == 0


def test_firing_that_is_held(ward):
    beat(ward, "hold", held=True)
    assert "timedatectl set-ntp true" in ward.ill()["firing"]

    beat(ward, "hold", held=False)
    assert ward.ill() == {}


def test_an_old_backup(ward, monkeypatch):
    assert "backup" not in ward.ill()  # only production needs one
    monkeypatch.setenv("ANJU_ENVIRONMENT", "production")

    cure = ward.ill()["backup"]
    assert cure.startswith("pg_dump ")
    assert cure.endswith("&& anju backup noted")
    assert ward.run(*cure.partition("&& anju ")[2].split())[0] == 0
    assert "backup" not in ward.ill()

    ward.live.do("UPDATE heartbeat SET wall_at = wall_at - interval '27 h' WHERE name = 'backup'")
    assert ward.ill()["backup"] == cure


def test_a_simulated_clock_in_production(ward, monkeypatch):
    monkeypatch.setenv("ANJU_ENVIRONMENT", "production")

    assert "ANJU_DATABASE_URL" in ward.ill()["time"]


def count_by_workdays(ward: Ward) -> None:
    ward.live.story.submit()
    ward.live.do("UPDATE clock SET calendar = 'cn-workdays', calendar_version = 1")


def test_a_calendar_that_ends_soon_and_was_never_proclaimed(ward, monkeypatch):
    count_by_workdays(ward)
    assert ward.ill() == {}

    ward.live.story.at(datetime(2027, 11, 15, tzinfo=UTC))
    cure = ward.ill()["calendars"]
    assert "add the next year to config/calendars/cn_workdays.toml as version 2" in cure
    assert "the proclaimed days" in cure

    known = bootstrap.load_calendars()
    deployed = replace(
        known["cn-workdays"], version=2, last=date(2028, 12, 31), provisional=frozenset({2028})
    )
    calendars = {**known, "cn-workdays": deployed, "cn-workdays@2": deployed}
    monkeypatch.setattr(bootstrap, "load_calendars", lambda: calendars)
    assert "calendars" not in ward.ill()

    ward.live.story.at(datetime(2028, 1, 2, tzinfo=UTC))
    assert "lengthen version 1 of cn-workdays" in ward.ill()["calendars"]


def test_a_calendar_version_that_running_clocks_miss(ward):
    count_by_workdays(ward)
    ward.live.do("UPDATE clock SET calendar_version = 7")
    assert ward.ill()["calendars"].startswith("bring version 7 of cn-workdays back")

    ward.live.do("UPDATE clock SET state = 'stopped'")
    assert "calendars" not in ward.ill()


def test_a_calendar_that_a_profile_names_in_vain(ward):
    ward.do("""
        INSERT INTO sla_profile (id, version, kind, body, digest, missing, effective_from)
        SELECT id, version + 1, kind, body || '{"planted": {"calendar": "moon-days"}}', 'planted',
               missing, effective_from FROM sla_profile LIMIT 1""")

    assert ward.ill() == {"calendars": "write config/calendars/moon_days.toml and deploy"}


def test_a_table_that_may_not_be_read_does_not_end_the_examination(ward):
    ward.do("REVOKE SELECT ON sla_profile FROM anju_app")
    try:
        ill = ward.ill()
    finally:
        ward.do("GRANT SELECT ON sla_profile TO anju_app")

    assert ill.keys() == {"calendars"}
    assert ill["calendars"].startswith("anju db upgrade")


def test_an_address_of_redis_that_makes_no_sense(ward, monkeypatch):
    for wrong in ("redis://host:port", "nonsense"):
        monkeypatch.setenv("ANJU_REDIS_URL", wrong)
        assert "correct ANJU_REDIS_URL" in ward.ill()["redis"]


@contextmanager
def mute_server() -> Iterator[int]:
    """Take connections on a port, and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_mute_servers_are_findings_within_the_patience(ward, monkeypatch):
    with mute_server() as port:
        monkeypatch.setenv("ANJU_DATABASE_URL", f"postgresql://anju_app@127.0.0.1:{port}/anju")
        monkeypatch.setenv("ANJU_REDIS_URL", f"redis://127.0.0.1:{port}")
        began = monotonic()
        ill = ward.ill()

    assert ill.keys() == {"redis", "database"}
    assert "ANJU_REDIS_URL" in ill["redis"]
    assert "ANJU_DATABASE_URL" in ill["database"]
    assert monotonic() - began < BOUND_S


def test_a_look_that_hangs_is_left_behind_with_what_it_found(ward):
    freed = Event()

    @contextmanager
    def frozen() -> Iterator[None]:
        freed.wait()
        raise StorageUnavailable
        yield

    application = ward.live.app
    stuck = replace(application, ports=replace(application.ports, uow=frozen))
    found = examine(Installation(stuck), bound_s=2.0)
    freed.set()

    assert found[-1] == Finding("database", False, "does not answer", AWAY_CURE)
    assert {"secret", "disk"} <= {finding.name for finding in found}


def test_cures_begin_with_the_command_that_was_given(ward):
    ward.do("DELETE FROM heartbeat WHERE name = 'worker'")
    application = ward.live.app
    settings = replace(application.settings, redis_url=ward.valkey)
    installation = Installation(replace(application, settings=settings), "anju --data /srv/x")

    cures = [finding.cure for finding in examine(installation) if finding.name == "worker"]

    assert cures == ["anju --data /srv/x worker"]

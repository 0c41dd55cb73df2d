import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from service.local.binaries import ServersUnavailable, enterable, reachable
from service.local.servers import Servers, wipe
from tests.support.servers import ready_folder
from tests.support.waiting import eventually

pytestmark = pytest.mark.db


@pytest.fixture
def folder():
    with ready_folder() as made:
        yield made


def plain(url):
    return url.replace("+psycopg", "")


def ask(url, statement, *values):
    with psycopg.connect(plain(url), autocommit=True) as conn:
        done = conn.execute(statement, values or None)
        return done.fetchone() if done.description else None


def test_the_application_role_is_no_superuser_and_owns_nothing(servers):
    row = ask(
        servers.app_url,
        "SELECT rolsuper, rolcreatedb, rolcreaterole, current_database()"
        " FROM pg_roles WHERE rolname = current_user",
    )

    assert row == (False, False, False, "anju")


def test_postgres_listens_on_no_network_port(servers):
    assert ask(servers.owner_url, "SHOW listen_addresses") == ("",)


def test_valkey_refuses_writes_rather_than_evict_and_keeps_a_log(servers):
    with redis.Redis.from_url(servers.redis_url, decode_responses=True) as client:
        kept = client.config_get("maxmemory-policy", "appendonly", "port")

    assert kept == {"maxmemory-policy": "noeviction", "appendonly": "yes", "port": "0"}


def test_passwords_are_readable_by_the_owner_alone(servers):
    mode = (servers.folder / "passwords.json").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_a_database_can_be_copied_and_dropped_while_somebody_is_connected(servers):
    servers.postgres.create_database("pattern")
    with psycopg.connect(plain(servers.postgres.url("anju_owner", "pattern"))) as conn:
        conn.execute("CREATE TABLE one AS SELECT 1 AS n")

    servers.postgres.create_database("copy", "pattern")

    copy = servers.postgres.url("anju_owner", "copy")
    with psycopg.connect(plain(copy), autocommit=True) as watching:
        assert watching.execute("SELECT n FROM one").fetchone() == (1,)
        servers.postgres.drop_database("copy")
    with pytest.raises(psycopg.OperationalError):
        ask(copy, "SELECT 1")
    servers.postgres.drop_database("pattern")


@pytest.mark.fault
def test_killed_postgres_starts_again_and_keeps_what_was_committed(folder):
    with Servers(folder) as servers:
        ask(servers.owner_url, "CREATE TABLE kept AS SELECT 7 AS n")

        os.kill(servers.supervisor.pid("postgres"), signal.SIGKILL)

        eventually(lambda: servers.supervisor.restarts("postgres") > 0)
        eventually(servers.postgres.answers)
        assert ask(servers.owner_url, "SELECT n FROM kept") == (7,)


@pytest.mark.fault
def test_killed_valkey_starts_again_and_keeps_its_keys(folder):
    with Servers(folder) as servers, redis.Redis.from_url(servers.redis_url) as client:
        client.set("bell", "rung")

        os.kill(servers.supervisor.pid("valkey"), signal.SIGKILL)

        eventually(lambda: servers.supervisor.restarts("valkey") > 0)
        eventually(servers.valkey.answers)
        assert client.get("bell") == b"rung"


def test_a_second_start_continues_the_same_data_with_the_same_passwords(folder):
    with Servers(folder) as first:
        ask(first.owner_url, "CREATE TABLE kept AS SELECT 7 AS n")
    with Servers(folder) as second:
        assert second.owned
        assert ask(second.owner_url, "SELECT n FROM kept") == (7,)


def test_a_second_process_joins_the_running_servers_and_leaves_them_running(servers):
    with Servers(servers.folder) as guest:
        assert not guest.owned
        assert guest.app_url == servers.app_url

    assert servers.postgres.answers()
    assert servers.valkey.answers()


@pytest.mark.fault
def test_servers_end_with_a_killed_owner_and_the_next_start_takes_over(folder):
    owner = subprocess.Popen(
        (sys.executable, "-c", _OWNER, str(folder)), stdout=subprocess.PIPE, text=True
    )
    pids = json.loads(owner.stdout.readline())

    owner.kill()
    owner.communicate()

    with Servers(folder) as servers:
        assert servers.owned
        assert ask(servers.owner_url, "SELECT n FROM kept") == (7,)
        assert servers.supervisor.pid("postgres") not in pids


_OWNER = """
import json, signal, sys
from pathlib import Path
import psycopg
from service.local.servers import Servers
servers = Servers(Path(sys.argv[1]))
servers.start()
with psycopg.connect(servers.owner_url.replace("+psycopg", ""), autocommit=True) as conn:
    conn.execute("CREATE TABLE kept AS SELECT 7 AS n")
print(json.dumps([servers.supervisor.pid(name) for name in ("postgres", "valkey")]), flush=True)
signal.pause()
"""


def test_a_stale_pid_file_naming_a_strangers_process_blocks_nothing(folder):
    with Servers(folder):
        file = folder / "postgres" / "postmaster.pid"
        lines = file.read_text(encoding="utf-8").splitlines()
    lines[0] = str(os.getpid())
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.chown(file, (folder / "postgres").stat().st_uid, -1)

    with Servers(folder) as servers:
        assert servers.postgres.answers()


def test_wiping_is_refused_while_the_servers_run(servers):
    with pytest.raises(ServersUnavailable, match="in use"):
        wipe(servers.folder)


def test_wiping_forgets_the_servers_data_and_keeps_other_files(folder):
    (folder / "demo.json").write_text("{}", encoding="utf-8")
    with Servers(folder) as servers:
        ask(servers.owner_url, "CREATE TABLE gone AS SELECT 7 AS n")

    wipe(folder)

    assert sorted(place.name for place in folder.iterdir()) == ["demo.json", "servers.lock"]
    with Servers(folder) as servers, pytest.raises(psycopg.errors.UndefinedTable):
        ask(servers.owner_url, "SELECT n FROM gone")


def test_a_failed_start_leaves_nothing_running(folder):
    (folder / "valkey").write_text("in the way", encoding="utf-8")
    servers = Servers(folder)

    with pytest.raises(FileExistsError):
        servers.start()

    assert servers.supervisor.pid("postgres") is None
    # Ended while still starting, the server may leave its file; it may not leave itself.
    note = folder / "postgres" / "postmaster.pid"
    assert not (note.exists() and Path(f"/proc/{note.read_text().split()[0]}").exists())


def test_a_server_that_cannot_start_is_reported_with_the_place_of_its_log(folder):
    with Servers(folder):
        version = folder / "postgres" / "PG_VERSION"
    version.write_text("9\n", encoding="utf-8")

    with pytest.raises(ServersUnavailable, match=f"postgres ends as soon as it starts.*{folder}"):
        Servers(folder).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as somebody else")
def test_root_may_keep_a_folder_where_the_servers_user_cannot_enter(folder):
    private = folder / "private"
    private.mkdir(mode=0o700)

    with Servers(private) as servers:
        assert servers.postgres.answers()
    outside = (private / "postgres").readlink()

    assert outside.is_dir()
    wipe(private)
    assert not outside.exists()


def test_a_path_is_reachable_only_if_every_folder_above_lets_pass(folder):
    stranger = os.geteuid() + 1
    inner = folder / "inner"
    inner.mkdir(mode=0o755)

    assert reachable(inner, stranger)
    inner.chmod(0o711)
    assert enterable(inner, stranger)
    assert not reachable(inner, stranger)
    folder.chmod(0o700)
    assert not enterable(inner, stranger)

"""An embedded PostgreSQL: one cluster, the roles anju_owner and anju_app, no network port."""

import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from service.local.binaries import (
    ServersUnavailable,
    cluster_home,
    postgres_programs,
    server_user,
)
from service.local.supervisor import Child

OWNER, APP, DATABASE = "anju_owner", "anju_app", "anju"
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements here are short; planning machine code would cost more than it saves.
    "jit": "off",
}
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Postgres:
    """One cluster in `home`, reached by a socket in `sockets`.

    `passwords` maps the two roles to theirs. Without `durable` a crash of the machine may
    lose the cluster: for tests only.
    """

    name = "postgres"

    def __init__(
        self, home: Path, sockets: Path, passwords: dict[str, str], *, durable: bool = True
    ) -> None:
        self._home = home
        self._sockets = sockets
        self._passwords = passwords
        self._durable = durable
        self._log = home / "log" / "postgres.log"

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the SQLAlchemy URL by which a role reaches a database."""
        password = quote(self._passwords[role], safe="")
        return f"postgresql+psycopg://{role}:{password}@/{database}?host={self._sockets}"

    def child(self) -> Child:
        """Return the command, the cluster made if there is none.

        Raises ServersUnavailable when this user cannot run PostgreSQL.
        """
        user = server_user()
        programs = postgres_programs(user)
        cluster = cluster_home(self._home, user)
        if not (cluster / "PG_VERSION").exists():
            self._create(cluster, programs, user)
        settings = _SETTINGS | {"unix_socket_directories": str(self._sockets)}
        if not self._durable:
            settings |= _FORGETFUL
        words = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        return Child(
            name=self.name,
            argv=(str(programs / "postgres"), "-D", str(cluster), *words),
            log=self._log,
            env=_ENVIRONMENT,
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            stop_s=30.0,
            run_as=user,
        )

    def answers(self) -> bool:
        """Tell whether it accepts the owner now."""
        try:
            with self._connect():
                return True
        except psycopg.OperationalError:
            return False

    def furnish(self) -> None:
        """Make the application's role and database where they are missing."""
        with self._connect() as conn:
            if not _exists(conn, "SELECT 1 FROM pg_roles WHERE rolname = %s", APP):
                role = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER PASSWORD {}")
                conn.execute(role.format(sql.Identifier(APP), sql.Literal(self._passwords[APP])))
            if not _exists(conn, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
                self.create_database(DATABASE)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or as a copy of `template`, to which nobody may be connected."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}")
        # Copying files is quicker than logging each page, if nothing has to reach the disk.
        strategy = "WAL_LOG" if self._durable else "FILE_COPY"
        with self._connect() as conn:
            conn.execute(
                statement.format(
                    sql.Identifier(name), sql.Identifier(template or "template0"), sql.SQL(strategy)
                )
            )

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending whoever is connected."""
        with self._connect() as conn:
            conn.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self._sockets),
            user=OWNER,
            password=self._passwords[OWNER],
            dbname="postgres",
            connect_timeout=2,
            autocommit=True,
        )

    def _create(self, cluster: Path, programs: Path, user: tuple[int, int] | None) -> None:
        """Make a cluster under another name first, so that half of one is never taken for one."""
        draft = cluster.with_name("postgres.new")
        if draft.exists():
            subprocess.run(("/bin/rm", "-rf", str(draft)), check=True)
        draft.mkdir(mode=0o700)
        if user:
            os.chown(draft, *user)
        # In a private folder, not by stdin: another user may not open a pipe that is ours.
        password = self._sockets / "owner-password"
        password.write_text(self._passwords[OWNER], encoding="utf-8")
        if user:
            os.chown(password, *user)
        done = subprocess.run(
            (
                *(str(programs / "initdb"), "-D", str(draft), "-U", OWNER, "-A", "scram-sha-256"),
                *("--locale-provider=builtin", "--locale=C.UTF-8", "-E", "UTF8"),
                *(f"--pwfile={password}", "--no-instructions"),
                *(() if self._durable else ("--no-sync",)),
            ),
            text=True,
            capture_output=True,
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
        )
        password.unlink()
        if done.returncode != 0:
            raise ServersUnavailable(f"initdb failed: {done.stderr.strip()}")
        draft.rename(cluster)


def _exists(conn: psycopg.Connection[tuple[object, ...]], query: str, name: str) -> bool:
    return conn.execute(sql.SQL(query), (name,)).fetchone() is not None

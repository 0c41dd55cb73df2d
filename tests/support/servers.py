"""Real servers for tests: one PostgreSQL and one Valkey per test process."""

import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from service.local.postgres import APP, OWNER
from service.local.servers import Servers, wipe

TEMPLATE = "anju_template"

# What migration puts into tables is kept aside, so that `reset` can bring it back.
_REMEMBER = """
CREATE SCHEMA pristine;
DO $$ DECLARE t name; filled boolean; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', t, t);
    END IF;
  END LOOP;
END $$;
"""

# A few rows are deleted sooner than thirty tables are truncated or a database copied. As
# `replica` the triggers that keep histories append-only, and the foreign keys, stand aside.
_RESET = """
SET lock_timeout = '5s';
SET session_replication_role = replica;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND state LIKE 'idle in transaction%';
DO $$ DECLARE t name; s regclass; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%I', t);
  END LOOP;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'pristine' LOOP
    EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE TABLE pristine.%I', t, t);
  END LOOP;
  FOR s IN SELECT seqrelid FROM pg_sequence LOOP
    PERFORM setval(s, (SELECT seqstart FROM pg_sequence WHERE seqrelid = s), false);
  END LOOP;
END $$;
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database with the movable clock; the application works by `app_url`."""

    name: str
    owner_url: str
    app_url: str

    def reset(self) -> None:
        """Bring every table and sequence back to what migration made of it."""
        _script(self.owner_url, _RESET)


@contextmanager
def ready_folder() -> Iterator[Path]:
    """Make a folder that PostgreSQL's own user may enter when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="anju-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        wipe(folder)
        shutil.rmtree(folder)


@contextmanager
def started_servers() -> Iterator[Servers]:
    """Start both servers in a folder of their own; a crash of the machine may lose it."""
    with ready_folder() as folder, Servers(folder, durable=False) as servers:
        yield servers


def make_template(servers: Servers) -> str:
    """Migrate one database from nothing; tests get copies of it."""
    url = servers.postgres.url(OWNER, TEMPLATE)
    servers.postgres.create_database(TEMPLATE)
    importlib.import_module("service.bootstrap").upgrade(url, simulated=True)
    _script(url, _REMEMBER)
    return TEMPLATE


@contextmanager
def copied_database(servers: Servers, name: str, source: str = TEMPLATE) -> Iterator[Database]:
    """Copy the template, or a database nobody is connected to.

    The copy is dropped at the end, whoever is still connected.
    """
    url = servers.postgres.url
    servers.postgres.drop_database(name)
    servers.postgres.create_database(name, source)
    try:
        yield Database(name, url(OWNER, name), url(APP, name))
    finally:
        servers.postgres.drop_database(name)


def _script(url: str, script: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute(script)

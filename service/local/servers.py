"""PostgreSQL and Valkey of one folder: started here, or found running under somebody else."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import IO, Any, Self

from service.local.binaries import ServersUnavailable, cluster_home, server_user
from service.local.postgres import APP, OWNER, Postgres
from service.local.supervisor import Supervisor
from service.local.valkey import Valkey

_START_S = 60.0
_RETIRE_S = 15.0
_HOPELESS = 4
_KEPT = ("postgres", "valkey", "log", "passwords.json", "servers.json")


class Servers:
    """The servers of `folder`, as a context manager or by `start` and `stop`.

    One process owns a folder's servers; `owned` tells whether it is this one. Another
    process that starts them gets the running ones, and its `stop` leaves them alone. They
    end with their owner, however that ends, and start again by themselves when they die.
    Put your own processes under the same `supervisor` to have them kept and stopped first.
    """

    def __init__(
        self, folder: Path, *, durable: bool = True, supervisor: Supervisor | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.supervisor = supervisor or Supervisor()
        self.owned = False
        self._durable = durable
        self._lock: IO[bytes] | None = None
        self._sockets: Path | None = None
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def postgres(self) -> Postgres:
        """Return the PostgreSQL. Precondition: started."""
        if self._postgres is None:
            raise RuntimeError("the servers are not started")
        return self._postgres

    @property
    def valkey(self) -> Valkey:
        """Return the Valkey. Precondition: started."""
        if self._valkey is None:
            raise RuntimeError("the servers are not started")
        return self._valkey

    @property
    def owner_url(self) -> str:
        """Return the SQLAlchemy URL of the role that migrates."""
        return self.postgres.url(OWNER)

    @property
    def app_url(self) -> str:
        """Return the SQLAlchemy URL of the role that works."""
        return self.postgres.url(APP)

    @property
    def redis_url(self) -> str:
        """Return the URL for redis-py."""
        return self.valkey.url

    def start(self) -> None:
        """Start both servers and wait until they answer, or join those that run already.

        Raises ServersUnavailable, its message fit for the person at the terminal.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        _wait_for(self._claim_or_join, f"the servers of {self.folder} do not answer")
        if not self.owned:
            return
        try:
            self._start_own()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything under the supervisor if the servers are ours. Twice is once."""
        if not self.owned:
            return
        self.supervisor.stop()
        self.owned = False
        if self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._lock:
            self._lock.close()

    def _claim_or_join(self) -> bool:
        self._lock = _claimed(self.folder)
        self.owned = self._lock is not None
        if self.owned:
            return True
        known = _read(self.folder / "servers.json")
        if not known:
            return False
        self._bind(Path(known["sockets"]), _read(self.folder / "passwords.json"))
        return self.postgres.answers() and self.valkey.answers()

    def _start_own(self) -> None:
        _clear_remains(self.folder)
        # Not below `folder` nor TMPDIR: a socket's path has at most 107 bytes, and the
        # server's user must be able to enter.
        self._sockets = Path(tempfile.mkdtemp(prefix="anju-", dir="/tmp"))
        user = server_user()
        if user:
            os.chown(self._sockets, *user)
        self._bind(self._sockets, _passwords(self.folder))
        _write(self.folder / "servers.json", {"sockets": str(self._sockets)})
        for server in (self.postgres, self.valkey):
            self.supervisor.add(server.child())
        for server in (self.postgres, self.valkey):
            _wait_for(partial(self._is_up, server), f"{server.name} does not answer; {self._why}")
        self.postgres.furnish()

    @property
    def _why(self) -> str:
        return f"see {self.folder / 'log'}"

    def _is_up(self, server: Postgres | Valkey) -> bool:
        if self.supervisor.restarts(server.name) >= _HOPELESS:
            raise ServersUnavailable(f"{server.name} ends as soon as it starts; {self._why}")
        return server.answers()

    def _bind(self, sockets: Path, passwords: dict[str, str]) -> None:
        self._postgres = Postgres(self.folder, sockets, passwords, durable=self._durable)
        self._valkey = Valkey(self.folder, sockets)


def wipe(folder: Path) -> None:
    """Delete the servers' data of `folder` and nothing else in it.

    Raises ServersUnavailable while they run under another process.
    """
    folder = folder.resolve()
    if not folder.exists():
        return
    lock = _claimed(folder)
    if lock is None:
        raise ServersUnavailable(f"the servers of {folder} are in use; stop them first")
    with lock:
        _clear_remains(folder)
        cluster = cluster_home(folder, server_user())
        shutil.rmtree(cluster, ignore_errors=True)
        if cluster.parent != folder:
            shutil.rmtree(cluster.parent, ignore_errors=True)
        for name in _KEPT:
            place = folder / name
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)


def _claimed(folder: Path) -> IO[bytes] | None:
    """Return the open lock file of a folder that nobody else holds; closing it frees it."""
    lock = (folder / "servers.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _clear_remains(folder: Path) -> None:
    """End servers that outlived a killed owner. Precondition: we hold the folder's lock."""
    known = _read(folder / "servers.json")
    if not known:
        return
    cluster = cluster_home(folder, server_user())
    _retire(cluster / "postmaster.pid", str(cluster), signal.SIGINT)
    _retire(folder / "valkey" / "valkey.pid", known["sockets"], signal.SIGTERM)
    shutil.rmtree(known["sockets"], ignore_errors=True)


def _retire(pid_file: Path, marker: str, ask: signal.Signals) -> None:
    """End the process a stale pid file names, if its command line shows it is that server."""
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return
    deadline = monotonic() + _RETIRE_S
    while marker in _command_line(pid):
        os.kill(pid, ask if monotonic() < deadline else signal.SIGKILL)
        threading.Event().wait(0.2)
    if Path(f"/proc/{pid}").exists():
        # The number went to a stranger, or to a zombie nobody buries; PostgreSQL would take
        # it for a server and refuse. A number nobody has it judges better than we can.
        pid_file.unlink(missing_ok=True)


def _command_line(pid: int) -> str:
    """Return the command line of a live process, "" if there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _wait_for(ready: Callable[[], bool], otherwise: str) -> None:
    deadline = monotonic() + _START_S
    while not ready():
        if monotonic() > deadline:
            raise ServersUnavailable(otherwise)
        threading.Event().wait(0.05)


def _passwords(folder: Path) -> dict[str, str]:
    """Return the two roles' passwords, made on first use and readable by the owner alone."""
    place = folder / "passwords.json"
    if not place.exists():
        _write(place, {role: secrets.token_urlsafe(24) for role in (OWNER, APP)})
    return _read(place)


def _read(place: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content


def _write(place: Path, content: dict[str, str]) -> None:
    draft = place.with_name(place.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out)
    draft.replace(place)

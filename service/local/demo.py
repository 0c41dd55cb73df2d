"""`anju demo`: servers, a living world and every process of the service, with one command."""

import http.client
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy.exc import DBAPIError

import service
from service.commands.ports import Ports
from service.core.errors import ServiceError
from service.local import demo_file, embedded, first_breach, world
from service.local.demo_file import DemoFile
from service.local.first_breach import Breach
from service.local.postgres import DATABASE
from service.local.servers import Servers, wipe
from service.local.simulated_clock import SimulatedClock
from service.local.supervisor import Child
from service.local.wiring import Environment, Wiring

HOST = "127.0.0.1"
PORT = 8000
_OTHER_PORTS = 20
_READY_S = 60.0
_HOPELESS = 4  # restarts of the web process before it is ready
_OUR_FILES = (demo_file.NAME, "secret")
# Stopped in this order: nobody acts any more, then nobody fires, then nobody answers.
_PROCESSES = ("simulator", "worker", "ticker", "web")


class DemoRefused(Exception):
    """The demo cannot run; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for. `port` None takes the first free one from 8000."""

    folder: Path
    port: int | None = None
    rate: float = 60.0
    seed: int = 1
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that answers."""

    folder: Path
    base_url: str
    rate: float
    breach: Breach
    fresh: bool


@dataclass(slots=True)
class Demo:
    """One demo from start to stop. `say` gets one line a step."""

    options: Options
    wiring: Wiring
    say: Callable[[str], None]
    asked_to_stop: Event = field(default_factory=Event)
    _servers: Servers | None = None
    _clock: SimulatedClock | None = None

    def run(self, ready: Callable[[Running], None]) -> None:
        """Start everything, call `ready`, and keep it running until a signal asks to stop.

        Raises DemoRefused, ServersUnavailable.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # A thread sets it: the signal may come while this one holds the event's lock.
            signal.signal(
                number, lambda *_: threading.Thread(target=self.asked_to_stop.set).start()
            )
        try:
            running = self._start()
            if running is not None:
                ready(running)
                self.asked_to_stop.wait()
        finally:
            self._stop()

    def _start(self) -> Running | None:
        """Start in the order of dependence; None when a signal came meanwhile."""
        options = self.options
        port = free_port(options.port)
        base_url = f"http://{HOST}:{port}"
        if options.reset:
            reset(options.folder)
        self._servers = servers = Servers(options.folder)
        servers.start()
        if not servers.owned:
            raise DemoRefused(_in_use(servers.folder))
        env = embedded.environment(servers, base_url)
        gate = servers.folder / "log" / "gate"
        gate.unlink(missing_ok=True)
        ports, fresh = self._database(env)
        self._child("web", env, "serve", "--host", HOST, "--port", str(port))
        # They load while the world is made, and begin when it is whole.
        for name, *words in (("ticker",), ("worker",), ("simulator", "--seed", str(options.seed))):
            self._child(name, env, name, *words, "--gate", str(gate))
        if fresh:
            self._make_world(ports)
        known = None if fresh else DemoFile.read(servers.folder)
        demo_file.make(ports, known).write(servers.folder, base_url)
        breach = self._prepare(ports)
        gate.touch()
        if not self._wait_for_web(port):
            return None
        self.clock.run(options.rate)
        return Running(servers.folder, base_url, options.rate, breach, fresh)

    @property
    def servers(self) -> Servers:
        """The servers. Precondition: started."""
        if self._servers is None:
            raise RuntimeError("not started")
        return self._servers

    @property
    def clock(self) -> SimulatedClock:
        """The world's clock. Precondition: the database is migrated."""
        if self._clock is None:
            raise RuntimeError("not started")
        return self._clock

    def _database(self, env: Environment) -> tuple[Ports, bool]:
        """Migrate, hold the clock, and tell whether the world is still to be made."""
        self.wiring.upgrade(self.servers.owner_url, simulated=True)
        application = self.wiring.build(env, "anju-demo")
        state = world.state_of(application.ports)
        if state is world.State.UNFINISHED:
            self.say("the last start was interrupted; making the world anew")
            application.engine.dispose()
            self.servers.postgres.drop_database(DATABASE)
            self.servers.postgres.furnish()
            self.wiring.upgrade(self.servers.owner_url, simulated=True)
        self._clock = SimulatedClock(application.ports.uow)
        self._clock.hold()
        return application.ports, state is not world.State.FINISHED

    def _make_world(self, ports: Ports) -> None:
        self.say("making a district and its past: repairs, complaints, disputes and vendors")
        world.build(
            ports,
            owner_url=self.servers.owner_url,
            profiles=self.wiring.profiles(),
            seed=self.options.seed,
        )

    def _prepare(self, ports: Ports) -> Breach:
        options = self.options
        return first_breach.prepare(ports, self.clock, rate=options.rate, seed=options.seed)

    def _child(self, name: str, env: Environment, *words: str) -> None:
        """Keep a command of our own running under the servers' supervisor."""
        root = Path(service.__file__).resolve().parent.parent
        child = Child(
            name=name,
            argv=(sys.executable, "-m", "service", *words),
            log=self.servers.folder / "log" / f"{name}.log",
            env={**_inherited(), **env},
            cwd=root,
        )
        self.servers.supervisor.add(child)

    def _wait_for_web(self, port: int) -> bool:
        """Wait until the service says that it is ready; False when asked to stop."""
        deadline = monotonic() + _READY_S
        while not _ready(port):
            log = self.servers.folder / "log" / "web.log"
            if self.servers.supervisor.restarts("web") >= _HOPELESS or monotonic() > deadline:
                raise DemoRefused(f"the web process does not answer; see {log}")
            if self.asked_to_stop.wait(0.1):
                return False
        return True

    def _stop(self) -> None:
        """Stop everything that was started; time stands still for the next start."""
        if self._servers is None or not self._servers.owned:
            return
        for name in _PROCESSES:
            self._servers.supervisor.remove(name)
        if self._clock is not None:
            with suppress(ServiceError, DBAPIError):
                self._clock.run(0)
        self._servers.stop()


def reset(folder: Path) -> None:
    """Forget the world of a folder; files that are not ours stay.

    Raises ServersUnavailable while it runs.
    """
    wipe(folder)
    for name in _OUR_FILES:
        (folder / name).unlink(missing_ok=True)


def free_port(asked: int | None) -> int:
    """Return the port to listen on. Raises DemoRefused when the asked one is taken."""
    if asked is not None:
        if not _is_free(asked):
            raise DemoRefused(f"port {asked} is taken; choose another with --port")
        return asked
    found = next((p for p in range(PORT, PORT + _OTHER_PORTS) if _is_free(p)), None)
    if found is None:
        raise DemoRefused(f"ports {PORT} to {PORT + _OTHER_PORTS - 1} are taken; give --port")
    return found


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        # As gunicorn binds: connections of a server that just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _in_use(folder: Path) -> str:
    try:
        said = json.loads((folder / demo_file.NAME).read_text(encoding="utf-8"))
        return f"a demo runs already in {folder}: {said['base_url']}"
    except (OSError, ValueError, KeyError):
        return f"the servers of {folder} are in use by another command"


def _inherited() -> Environment:
    """Return our environment without settings meant for a real service."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}

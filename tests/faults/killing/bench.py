"""Runs one case: undisturbed once, then killed at each of its points and tried again.

The undisturbed run gives the points and, after each commit, the state of the whole
database. A killed run must leave exactly the state of as many commits as it made; the
retry must end in exactly the undisturbed end, so that nothing happened twice or not at all.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from service.bootstrap import Application
from service.core.ids import derived
from service.store.audit.walk import Verifier
from service.store.policy import StoredPolicies
from tests.faults.killing.points import AFTER_COMMIT, Points, watching
from tests.faults.killing.worldstate import Digest, WorldState
from tests.support.live import Live

KILLED = "anju-killed"

Act = Callable[[Application], object]
"""The command or job, done with an application. Doing it again is the client's retry."""


@dataclass(frozen=True, slots=True)
class Case:
    """One command or job. `prepare` brings a fresh house to where it can run.

    `every` cases are killed at every point in each test run, `wide` ones in turn, the others
    at two points. A case that is no `retry` counts each call (a look at a phone number is
    noted each time).
    """

    name: str
    prepare: Callable[[Live], Act]
    every: bool = False
    wide: bool = False
    retry: bool = True


@dataclass(slots=True)
class Result:
    """What a case showed: its points, how many were died at, and what went wrong."""

    name: str
    points: list[str]
    statements: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    kills: int = 0
    violations: list[str] = field(default_factory=list)


class CountedIds:
    """The same ids in each run, so that two runs can be compared row by row.

    `count` says how many were minted before: a second try goes on where the first had come
    to when it last committed.
    """

    def __init__(self, count: int = 0) -> None:
        self.count = count

    def new(self, now: datetime) -> UUID:
        """Return the next id."""
        self.count += 1
        return derived("kill-point", now.isoformat(), self.count)


class Mismatch(AssertionError):
    """The bench itself went wrong: a run that nobody killed did not do what it should."""


@dataclass
class Bench:
    """A live house, its database, and an application that is only used by those who die."""

    live: Live
    world: WorldState
    doomed: Application
    _judged: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()

    def run(self, case: Case, *, kill: Callable[[int, int], bool]) -> Result:
        """Run a case; it is killed at the n-th of its points if `kill(n, how many)`."""
        act = case.prepare(self.live)
        self.world.later()
        start = self.world.keep()
        states: dict[int, Digest] = {0: start}
        minted: dict[int, int] = {0: 0}
        self._known = self._findings(start)
        points = self._undisturbed(act, states, minted)
        result = Result(case.name, points.passed, points.statements, self.world.new_events())
        self._check(result, "undisturbed", self.world.digest())
        count = len(points.passed)
        for n in (n for n in range(1, count + 1) if kill(n, count)):
            self.world.bring_back(start)
            self._die_at(act, n, result, states)
            result.kills += 1
            if case.retry:
                commits = result.points[:n].count(AFTER_COMMIT)
                self._again(act, n, result, states[points.commits], minted[commits])
        return result

    def _undisturbed(self, act: Act, states: dict[int, Digest], minted: dict[int, int]) -> Points:
        ids = CountedIds()

        def note(count: int) -> None:
            states[count] = self.world.digest()
            minted[count] = ids.count

        points = Points(committed=note)
        with watching(self.live.app.engine, points):
            act(fresh(self.live.app, ids))
        return points

    def _die_at(self, act: Act, n: int, result: Result, states: Mapping[int, Digest]) -> None:
        """Let a child process do it and die at the n-th point; compare what it left."""
        status = _in_child(lambda: _run_doomed(act, self.doomed, n))
        where = f"{n} ({result.points[n - 1]})"
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            raise Mismatch(f"{result.name}: nobody died at {where}: status {status}")
        if not self.world.gone(KILLED):
            result.violations.append(f"{where}: a session of the dead process lives on")
        commits = result.points[:n].count(AFTER_COMMIT)
        self._compare(result, f"killed at {where}", states[commits])

    def _again(self, act: Act, n: int, result: Result, end: Digest, minted: int) -> None:
        self.world.later()
        where = f"tried again after {n} ({result.points[n - 1]})"
        try:
            act(fresh(self.live.app, CountedIds(minted)))
        except Exception as exc:  # noqa: BLE001 — whatever it is, the client's retry failed
            result.violations.append(f"{where}: {type(exc).__name__}: {exc}")
        self._compare(result, where, end)

    def _compare(self, result: Result, where: str, wanted: Digest) -> None:
        found = self.world.digest()
        differ = sorted(name for name in wanted if wanted[name] != found[name])
        if differ:
            result.violations.append(f"{where}: other rows in {', '.join(differ)}")
        self._check(result, where, found)

    def _check(self, result: Result, where: str, found: Digest) -> None:
        """Hold the present state against the invariants; what a case planted is known."""
        new = self._findings(found) - self._known
        result.violations += [f"{where}: {finding}" for finding in sorted(new)]

    def _findings(self, found: Digest) -> frozenset[str]:
        """Return what is wrong with the present state; each state is judged once."""
        key = tuple(found.values())
        if key not in self._judged:
            ports = self.live.app.ports
            verdict = Verifier(ports.uow, ports.registry, ports.calendars).verify()
            self._judged[key] = frozenset(str(finding) for finding in verdict.findings)
        return self._judged[key]


def fresh(app: Application, ids: CountedIds | None = None) -> Application:
    """Return the application as a process has it that just started: nothing remembered."""
    ports = replace(app.ports, ids=ids or CountedIds(), policies=StoredPolicies())
    return replace(app, ports=ports)


def _run_doomed(act: Act, app: Application, n: int) -> None:
    app.engine.dispose(close=False)
    with watching(app.engine, Points(fatal=n)) as points:
        act(fresh(app))
    sys.stderr.write(f"passed only: {'; '.join(points.passed)}\n")


def _in_child(body: Callable[[], None]) -> int:
    """Run a body in a fork; return its wait status. Precondition: no other threads."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        body()
    except BaseException:  # noqa: BLE001 — nothing of the parent may run on in the child
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


@contextmanager
def benched(live: Live, world: WorldState, doomed: Application) -> Iterator[Bench]:
    """Give a bench whose doomed application has met the database once."""
    with doomed.engine.connect() as conn:
        conn.exec_driver_sql("SELECT 1")
    doomed.engine.dispose()
    yield Bench(live, world, doomed)
    world.close()

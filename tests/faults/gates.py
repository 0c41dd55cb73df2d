"""Two transactions in a chosen order: one waits at its commit until the other has tried."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event

from service.bootstrap import Application
from service.store.unit_of_work import Tx

PATIENCE_S = 10.0


@dataclass
class Gate:
    """Holds whoever uses `app` right before the commit, all locks taken, until it opens."""

    inner: Application
    reached: Event = field(default_factory=Event)
    opened: Event = field(default_factory=Event)

    @property
    def app(self) -> Application:
        """The application whose commits wait here."""
        return replace(self.inner, ports=replace(self.inner.ports, uow=self._uow))

    @contextmanager
    def _uow(self) -> Iterator[Tx]:
        with self.inner.ports.uow() as tx:
            yield tx
            self.reached.set()
            assert self.opened.wait(PATIENCE_S), "nobody opened the gate"


def overtaken(
    app: Application, slow: Callable[[Application], object], quick: Callable[[Application], object]
) -> tuple[object, object]:
    """Run `slow` up to its commit, start `quick` beside it, then let both end.

    Returns what they returned; an exception is raised.
    """
    gate = Gate(app)
    with ThreadPoolExecutor(2) as pool:
        first: Future[object] = pool.submit(slow, gate.app)
        assert gate.reached.wait(PATIENCE_S), first.exception(0)
        second: Future[object] = pool.submit(quick, app)
        # Whoever waits for the lock cannot end before; whoever passes it over soon does.
        _waits_or_ends(app, second)
        gate.opened.set()
        return first.result(PATIENCE_S), second.result(PATIENCE_S)


def _waits_or_ends(app: Application, second: "Future[object]") -> None:
    pause = Event()
    for _ in range(500):
        if second.done() or _somebody_waits(app):
            return
        pause.wait(0.01)
    raise AssertionError("the second neither waits nor ends")


def _somebody_waits(app: Application) -> bool:
    with app.engine.connect() as conn:
        return bool(
            conn.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database()"
            ).scalar()
        )

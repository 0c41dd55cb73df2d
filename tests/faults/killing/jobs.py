"""Every round of the workers, and the ticker's own look."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from service.bootstrap import Application
from service.jobs import rounds
from service.jobs.revisit_rates import raise_alarms
from service.jobs.revisits import draw_revisits
from service.jobs.schedules import forget
from service.jobs.ticker import Ticker
from service.notify.channel import PermanentError, TransientError
from service.notify.deliver import Delivery
from service.store.delivery import Leased
from service.store.endpoint import Endpoint
from tests.faults.killing.bench import Act, Case
from tests.faults.killing.orders import travel
from tests.faults.killing.points import outside
from tests.notify.endpoints import endpoint
from tests.support.live import Live
from tests.support.waiting import eventually

MONTH_END = datetime(2026, 11, 30, 16, tzinfo=UTC)  # midnight in Shanghai
_SETTLED = """
SELECT coalesce(max(xid) < pg_snapshot_xmin(pg_current_snapshot()), true) FROM outbox"""


def sweeping(app: Application) -> object:
    """Sweep as a worker does."""
    return rounds.sweep_round(app, by="bench")


def relaying(app: Application) -> object:
    """Relay as a worker does, and once more for the letters of what follows."""
    return [rounds.relay_round(app) for _ in range(2)]


def _due(live: Live) -> Act:
    for _ in range(2):
        live.story.submit()
    live.story.advance(hours=1)
    return sweeping


def _silent(live: Live) -> Act:
    """Nobody confirms: `auto_confirm` follows the breach."""
    live.story.until("awaiting_confirmation").advance(hours=72, seconds=1)
    return sweeping


def _unanswered(live: Live) -> Act:
    """The contractor does not answer: `pass_over` follows the breach."""
    travel(live.story, "picked", ())
    live.story.advance(minutes=11)
    return sweeping


def _culprit(live: Live) -> Act:
    """A clock of one order that cannot be reckoned: the batch is repeated one by one."""
    act = _due(live)
    live.do("UPDATE clock SET calendar = 'lost' WHERE ticket_id = :id", id=live.story.order)
    return act


def settled(live: Live) -> None:
    """Wait until no older transaction keeps a line out of the feed."""
    eventually(lambda: live.value(_SETTLED))


def _letters(live: Live) -> Act:
    endpoint(live, "https://receiver.example/", "*")
    _due(live)(live.app)
    settled(live)
    return relaying


def _poisoned(live: Live) -> Act:
    live.story.submit()
    live.story.advance(minutes=14).sweep()
    settled(live)
    act = relaying
    live.do("UPDATE outbox SET payload = '{\"told\": [{\"role\": \"x\", \"account\": \"no\"}]}' "
            "WHERE topic = 'sla.warned'")  # fmt: skip
    return act


def merged(live: Live) -> None:
    """Merge an order into another, which is to absorb it."""
    story = live.story
    story.submit()
    follower = story.order
    story.submit()
    master, story.order = story.order, follower
    story.fire("merge", "dispatcher", data={"into": str(master)})


@dataclass
class Receiver:
    """Stands for the outside: notes each delivery on disk, then answers as told."""

    answer: Callable[[], int]

    def __post_init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="anju-kill-")
        self._notes = Path(self._folder.name) / "notes"

    def send(self, leased: Leased, to: Endpoint) -> int:
        """Take one delivery, with a point before and after it."""
        outside("send")
        with self._notes.open("a") as notes:
            notes.write(f"{leased.id}\n")
        outside("sent")
        return self.answer()

    def deliver(self, app: Application) -> None:
        """Run a round; whatever was sent twice was sent under one id."""
        Delivery(app.ports.uow, self, seconds=5.0).run()
        assert len(set(self._notes.read_text().split())) == 1, "sent under two ids"


def _accept() -> int:
    return 204


def _busy() -> int:
    raise TransientError("status_503", 503, slow=True)


def _deaf() -> int:
    raise PermanentError("gone", 410)


def _sending(answer: Callable[[], int]) -> Callable[[Live], Act]:
    def prepare(live: Live) -> Act:
        endpoint(live, "https://receiver.example/", "repair_order.opened")
        live.story.submit()
        settled(live)
        relaying(live.app)
        return Receiver(answer).deliver

    return prepare


def _month(live: Live) -> None:
    for _ in range(4):
        live.story.order = None
        live.story.until("closed")


def _draws(live: Live) -> Act:
    _month(live)
    return lambda app: draw_revisits(app.ports, live.story.now)


def _alarms(live: Live) -> Act:
    _month(live)
    live.story.at(MONTH_END)
    return lambda app: raise_alarms(app.ports, MONTH_END)


def _old(live: Live) -> Act:
    live.story.photo("crew")
    live.story.advance(days=60)
    return lambda app: forget(app.ports, live.story.now)


def _calendar(live: Live) -> Act:
    _month(live)
    return rounds.schedules_round


def _tick(live: Live) -> Act:
    live.story.submit()
    live.story.advance(hours=1)
    settled(live)
    return lambda app: Ticker(app).tick()


def _jump(live: Live) -> Act:
    """The database's clock parts from ours: in production, firing is held."""

    def held(app: Application) -> None:
        settings = replace(app.settings, environment="production")
        seconds = count(0.0, 3600.0)
        ticker = Ticker(replace(app, settings=settings), clock=lambda: next(seconds))
        for _ in range(2):
            ticker.tick()

    return held


CASES = (
    Case("sweep", _due, every=True),
    Case("sweep, auto_confirm follows", _silent, every=True),
    Case("sweep, pass_over follows", _unanswered, every=True),
    Case("sweep, one by one", _culprit, every=True),
    Case("relay", _letters, every=True),
    Case("relay, one by one", _poisoned, every=True),
    Case("deliver", _sending(_accept), every=True),
    Case("deliver, to try again", _sending(_busy), every=True),
    Case("deliver, refused for ever", _sending(_deaf), every=True),
    Case("schedule, revisits", _draws),
    Case("schedule, revisit_rates", _alarms),
    Case("schedule, retention", _old),
    Case("schedules", _calendar),
    Case("tick without Redis", _tick),
    Case("tick while the clock jumps", _jump),
)

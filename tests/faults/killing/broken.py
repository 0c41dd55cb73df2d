"""Commands that break their promise on purpose: a bench that finds nothing in them is no proof."""

from sqlalchemy import text

from service.bootstrap import Application
from service.commands.fire_event import Fire, fire
from service.commands.notes import AddNote, add_note
from service.core.errors import IllegalTransition
from tests.faults.killing.bench import Act, Case
from tests.support.live import Live


def _assigning(live: Live) -> Fire:
    story = live.story.until("accepted")
    data = story.data("assign", "dispatcher")
    return Fire(ticket=story.order or "", event="assign", actor=story.actor("dispatcher"),
                data=data)  # fmt: skip


def _unkeyed(live: Live) -> Act:
    """A note without a key: the client's retry is a second note."""
    story = live.story.until("accepted")
    note = AddNote(kind="repair_order", ticket=story.order or "", text="住户下午在家",
                   actor=story.actor("dispatcher"))  # fmt: skip
    return lambda app: add_note(app.ports, note)


def _two_transactions(live: Live) -> Act:
    """What is owed to others is written after the commit; a retry takes it for done."""
    command = _assigning(live)

    def act(app: Application) -> None:
        try:
            fire(app.ports, command)
        except IllegalTransition:
            return
        with app.ports.uow() as tx:
            tx.conn.execute(text("INSERT INTO heartbeat (name, wall_at, app_at) VALUES "
                                 "('owed', clock_timestamp(), app_now())"))  # fmt: skip

    return act


CASES = (
    Case("no key", _unkeyed, every=True),
    Case("two transactions", _two_transactions, every=True),
)

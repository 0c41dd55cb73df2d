"""Work that a leaving firm still holds goes to the one that follows it (DOMAIN 3C.1)."""

from service.core.workflow import Change, ClockAction, Situation, Step
from service.workflows import assignment_guards as who
from service.workflows.event_data import EventData, code
from service.workflows.holder import held_by
from service.workflows.table import W, roles, rule, ticket_of

HAND_OVER = "hand_over"


class HandOver(EventData):
    """The firm that leaves, and the one that takes over what it holds."""

    leaving = code(required=True)
    vendor = code(required=True)


def not_held_by(s: Situation) -> str | None:
    """Hand over only what the leaving firm still holds."""
    assignee = ticket_of(s).assignee
    held = assignee is not None and assignee.vendor_id == s.data["leaving"]
    return None if held else "not_held_by"


def _to_successor(s: Situation) -> Change:
    return Change(
        facts={"eta": None, "pick": None}, assigns=True, assignee=held_by(s.refs["vendor"])
    )


def row(source: tuple[str, ...], target: str, clocks: tuple[ClockAction, ...] = ()) -> Step:
    """Return the row by which the service hands a ticket over."""
    return Step(
        HAND_OVER,
        source,
        target,
        roles(W),
        data=HandOver,
        guards=(
            rule(not_held_by, "DOMAIN 3C.1", needs_data=True),
            rule(who.unknown_vendor, "R-REP-56", needs_data=True),
            rule(who.vendor_black_listed, "R-VEN-08", needs_data=True),
            rule(who.market_exit, "R-VEN-08", needs_data=True),
        ),
        clocks=clocks,
        effect=_to_successor,
        needs=("vendor",),
        rule="DOMAIN 3C.1",
    )

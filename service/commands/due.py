"""Fires what is due on one ticket, and the events that follow rungs by themselves (3A.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.commands.addressees import Contacts, contacts_for, told
from service.commands.draft import Draft
from service.commands.ports import Ports
from service.commands.step import attempt, follow
from service.core.actors import SYSTEM
from service.core.workflow import Workflow, family_of, number_of
from service.sla.clocks import Ring
from service.sla.ladder import BREACH
from service.sla.notation import MS
from service.store.unit_of_work import Tx

_MOST_ROUNDS = 20  # a ticket whose clocks start one another for ever is a fault


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event that the service tries by itself because a rung fired. `at` is its time."""

    event: str
    at: datetime
    data: Mapping[str, Any]


def proposed(workflow: Workflow, ring: Ring) -> Proposal | None:
    """Return the event that follows a rung; None unless the rung's action is that event."""
    event = workflow.on_due.get(family_of(ring.name))
    if event is None or ring.action != event:
        return None
    number = number_of(ring.name)
    # One tick after the due time it is late: at the due time itself what follows would be in
    # time, and take the breach back (RULINGS 9).
    at = ring.at + MS if ring.level == BREACH else ring.at
    return Proposal(event, at, {} if number is None else {"number": number})


def fire_rungs(  # noqa: PLR0913 — one ticket of a batch
    tx: Tx, ports: Ports, draft: Draft, rings: Sequence[Ring], contacts: Contacts, by: str
) -> int:
    """Fire a ticket's rungs in order until an event follows one; return how many fired.

    That event may have ended clocks and started others: what is due then is for another round.
    """
    if not rings:
        # The stored instant lies before the derived one: write the derived one back.
        draft.touched |= {(c.name, c.epoch): c for c in draft.clocks if c.next_at}
    for n, ring in enumerate(rings, start=1):
        draft.fire(ring, told(draft, ring.roles, contacts), SYSTEM, by)
        wanted = proposed(draft.workflow, ring)
        if wanted is None:
            continue
        step = attempt(tx, ports, draft, wanted.event, wanted.at, wanted.data)
        if step is not None:
            follow(tx, ports, draft, step, wanted.at)
            return n
    return len(rings)


def settle_due(tx: Tx, ports: Ports, draft: Draft, at: datetime, by: str) -> None:
    """Fire what fell due before `at`, so that no event is judged before its clocks are.

    What follows a rung by itself happens too: whether a sweeper or a person comes first
    makes no difference.
    """
    for _ in range(_MOST_ROUNDS + len(draft.clocks)):
        rings = draft.due(at)
        if not rings:
            return
        fire_rungs(tx, ports, draft, rings, contacts_for(tx, [(draft, rings)]), by)

"""What a caller could do with a ticket now, judged with what the command would gather."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.commands.draft import Draft
from service.commands.fire_event import draft_of
from service.commands.ports import Ports
from service.commands.situation import Asked, gather
from service.core.actors import SYSTEM, Actor
from service.core.decision import Availability, available
from service.core.errors import Reason
from service.store.unit_of_work import Tx

# Looked up by what the data names; guards on them need data and are only listed.
_BY_DATA = frozenset({"crew", "vendor", "utility", "master", "named", "accounts", "attachments"})


@dataclass(frozen=True, slots=True)
class Prospect:
    """Every event of a ticket's workflow for one caller, at one version."""

    state: str
    version: int
    events: tuple[Availability, ...]


def prospect(tx: Tx, ports: Ports, row: Mapping[str, Any], actor: Actor) -> Prospect:
    """Return what the actor may do with the ticket, which was read and not locked."""
    draft = draft_of(tx, ports, row)
    for ring in draft.due(draft.now):  # as `fire` does before it judges; nothing is written
        draft.fire(ring, [], SYSTEM, "")
    asked = Asked(actor, "", {}, draft.now)
    situation = gather(tx, ports, draft, asked, _needs(draft, actor))
    found = available(draft.workflow, draft.state, situation)
    if actor.link_ticket is not None:
        found = tuple(_by_link(each, actor) for each in found)
    return Prospect(draft.state, draft.row["version"], found)


def _needs(draft: Draft, actor: Actor) -> frozenset[str]:
    standing = draft.workflow.standing(actor, draft.view())
    rows = (step for step in draft.workflow.steps if draft.state in step.source)
    return frozenset(n for step in rows if step.roles & standing for n in step.needs) - _BY_DATA


def _by_link(found: Availability, actor: Actor) -> Availability:
    """Take away what a link does not carry."""
    if found.event in actor.link_events or not found.enabled:
        return found
    refused: Any = (Reason("role"),)
    return replace(found, target=None, enabled=False, reasons=refused, checks=(), data=None)

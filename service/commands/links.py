"""Resident links: 128 random bits for one ticket and a few events (RULINGS 16)."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.commands.amend import locked, once_each
from service.commands.draft import Draft
from service.commands.line import Line
from service.commands.ports import Key, Outcome, Ports
from service.commands.record import write
from service.commands.situation import Asked, gather
from service.core.actors import Actor, Role
from service.core.decision import decide
from service.core.errors import FieldError, LinkRevoked, NotFound, ValidationFailed
from service.core.workflow import MAKE_LINK, REVOKE_LINK, Change, Workflow
from service.store import link
from service.store.unit_of_work import Tx

_TOKEN_BYTES = 16
_AFTER_CLOSE = timedelta(days=30)  # RULINGS 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLink:
    """A link to a ticket. `party` is the number of the party or elector it is made for."""

    kind: str
    ticket: str | UUID
    actor: Actor
    party: int | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeLink:
    """The end of a link."""

    kind: str
    ticket: str | UUID
    link: UUID
    actor: Actor
    key: Key | None = None


def create_link(ports: Ports, cmd: CreateLink) -> Outcome:
    """Make a link; its row in the outcome carries the `token`, which is stored nowhere.

    The history says who made it and for whom: the maker has seen the token. `cmd.key.render`
    must leave the token out. Raises NotFound, ForbiddenEvent, GuardRefused, ValidationFailed
    (/party): where a ticket has parties, a link is for one of them, and for none that acts
    with its own key.
    """
    return once_each(ports, cmd, _create_in)


def revoke_link(ports: Ports, cmd: RevokeLink) -> Outcome:
    """End a link; a second time changes nothing.

    Raises NotFound, ForbiddenEvent, GuardRefused.
    """
    return once_each(ports, cmd, _revoke_in)


def _create_in(tx: Tx, ports: Ports, cmd: CreateLink) -> Outcome:
    draft = locked(tx, ports, cmd)
    _permit(tx, ports, draft, MAKE_LINK, cmd.actor)
    _known_party(draft.workflow, draft.row["facts"], cmd.party)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = {
        "id": ports.ids.new(draft.now),
        "ticket_id": draft.id,
        "party": cmd.party,
        "token_hash": hash_of(token),
        "created_by": cmd.actor.id,
        "created_at": draft.now,
    }
    _tell(tx, ports, draft, MAKE_LINK, cmd.actor, {"link": str(row["id"]), "party": cmd.party})
    link.insert(tx, row)
    return Outcome("created", {**row, "token": token, "revoked_at": None}, {})


def _revoke_in(tx: Tx, ports: Ports, cmd: RevokeLink) -> Outcome:
    draft = locked(tx, ports, cmd)
    _permit(tx, ports, draft, REVOKE_LINK, cmd.actor)
    found = link.one(tx, cmd.link, draft.id)
    if found is None:
        raise NotFound
    if found["revoked_at"] is None:
        _tell(tx, ports, draft, REVOKE_LINK, cmd.actor, {"link": str(cmd.link)})
        link.revoke(tx, cmd.link)
    return Outcome("changed", {"id": cmd.link}, {})


def _permit(tx: Tx, ports: Ports, draft: Draft, event: str, actor: Actor) -> None:
    asked = Asked(actor, event, {}, draft.now)
    decide(draft.workflow, draft.state, gather(tx, ports, draft, asked, frozenset()))


def _tell(  # noqa: PLR0913 — a line's members
    tx: Tx, ports: Ports, draft: Draft, event: str, actor: Actor, data: Mapping[str, Any]
) -> None:
    line = Line(ports.ids.new(draft.now), event, actor, draft.now, data)
    draft.take(line, draft.state, Change(), (), None)
    write(tx, [draft])


def _known_party(workflow: Workflow, facts: Mapping[str, Any], party: int | None) -> None:
    items = facts.get(workflow.linked) or ()
    numbers = [item["n"] for item in items if workflow.linkable(item)]
    if party in (numbers if items else [None]):
        return
    code = "required" if party is None else "not_allowed"
    raise ValidationFailed([FieldError("/party", code, allowed=tuple(map(str, numbers)))])


def hash_of(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def holder(ports: Ports, token: str) -> Actor:
    """Return the actor that a token makes its holder, bound to one ticket.

    A resident; or, where links carry events of the vendor alone, who answers for the vendor.
    Raises NotFound for an unknown token, LinkRevoked for one withdrawn, one sent to whom the
    party turned out not to be, or of a ticket that was closed more than 30 days ago.
    """
    with ports.uow() as tx:
        row = link.by_hash(tx, hash_of(token))
    if row is None:
        raise NotFound
    closed = row["closed_at"]
    workflow = ports.registry[row["kind"]]
    ended = row["revoked_at"] is not None or _mistaken(workflow, row)
    if ended or (closed and row["now"] >= closed + _AFTER_CLOSE):
        raise LinkRevoked
    for_vendors = bool(workflow.links) and not any(
        Role.RESIDENT in workflow.roles_of[event] for event in workflow.links
    )
    return Actor(
        id=row["id"],
        role=Role.VENDOR_MANAGER if for_vendors else Role.RESIDENT,
        name="",
        place_id=row["place_id"],
        place_path=row["place_path"],
        scopes=frozenset({"tickets:read", "events:write"}),
        vendor_id=row["vendor_id"] if for_vendors else None,
        link_ticket=row["ticket_id"],
        link_events=workflow.links,
        link_party=row["party"],
        link_maker=row["created_by"],
    )


def _mistaken(workflow: Workflow, row: Mapping[str, Any]) -> bool:
    items = row["facts"].get(workflow.linked) or ()
    since = next((i.get("links_since") for i in items if i["n"] == row["party"]), None)
    return since is not None and bool(row["created_at"] < datetime.fromisoformat(since))

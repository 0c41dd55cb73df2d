"""Accounts and API keys: one role, one place, and scopes each (RULINGS 36)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.commands.once import once_only
from service.commands.ports import Key, Outcome, Ports
from service.commands.register import place_of
from service.core import keys
from service.core.actors import SCOPES_OF, SYSTEM, Actor, Role
from service.core.errors import FieldError, NotFound, ValidationFailed
from service.store import api_key, directory
from service.store.unit_of_work import Tx

ROLES = tuple(role.value for role in Role if role is not Role.SYSTEM)
_FIRST_TIER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateKey:
    """An account with its key. Without `scopes` the key has all that the role may use.

    `lead` heads a crew or body. `expires_at` must lie ahead.
    """

    role: str
    place: str
    name: str
    crew: str | None = None
    vendor: str | None = None
    party: UUID | None = None
    tier: int | None = None
    lead: bool = False
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    actor: Actor = SYSTEM
    key: Key | None = None


def create_key(ports: Ports, cmd: CreateKey) -> tuple[str, Mapping[str, Any]]:
    """Make an account and a key for it; return the key's text and row.

    The text exists only in this answer. Raises ValidationFailed.
    """
    minted = keys.mint()
    with ports.uow() as tx:
        row = _key(tx, ports, cmd, minted)
    return minted.text, row


def create_key_once(ports: Ports, cmd: CreateKey) -> Outcome:
    """Do `create_key` under an Idempotency-Key; a replay shows the key no second time.

    The row of the outcome has the text as `key`; `cmd.key.render` must leave it out.
    """
    minted = keys.mint()
    with ports.uow() as tx:
        return once_only(
            tx,
            cmd.actor,
            cmd.key,
            lambda: Outcome("created", {**_key(tx, ports, cmd, minted), "key": minted.text}, {}),
        )


def revoke_key(ports: Ports, key_id: UUID, *, actor: Actor = SYSTEM) -> Mapping[str, Any]:
    """End a key; callers with it are refused within seconds. Raises NotFound."""
    with ports.uow() as tx:
        if api_key.item(tx, actor, key_id) is None:
            raise NotFound
        api_key.revoke(tx, key_id, tx.now())
        row = api_key.item(tx, actor, key_id)
    return row or {}


def list_keys(
    ports: Ports, *, actor: Actor = SYSTEM, after: UUID | None = None, limit: int = 200
) -> Sequence[Mapping[str, Any]]:
    """Return keys in the order they were made, those revoked among them."""
    with ports.uow() as tx:
        return api_key.page(tx, actor, after=after, limit=limit)


def _key(tx: Tx, ports: Ports, cmd: CreateKey, minted: keys.MintedKey) -> Mapping[str, Any]:
    now = tx.now()
    scopes = _scopes(cmd)
    if cmd.expires_at is not None and cmd.expires_at <= now:
        raise ValidationFailed([FieldError("/expires_at", "out_of_range")])
    account = _account(tx, ports, cmd, now)
    ident = ports.ids.new(now)
    row = {
        "id": ident, "account_id": account["id"], "prefix": minted.prefix,
        "hash": minted.digest, "scopes": sorted(scopes), "created_at": now,
        "expires_at": cmd.expires_at,
    }  # fmt: skip
    api_key.insert(tx, row)
    return api_key.item(tx, cmd.actor, ident) or {}


def _scopes(cmd: CreateKey) -> frozenset[str]:
    if cmd.role not in ROLES:
        raise ValidationFailed([FieldError("/role", "not_allowed", allowed=ROLES)])
    most = SCOPES_OF[Role(cmd.role)]
    if cmd.scopes is None:
        return most
    if not set(cmd.scopes) <= most:
        raise ValidationFailed([FieldError("/scopes", "not_allowed", allowed=tuple(sorted(most)))])
    return frozenset(cmd.scopes)


def _account(tx: Tx, ports: Ports, cmd: CreateKey, now: datetime) -> Mapping[str, Any]:
    if cmd.role not in ROLES:
        raise ValidationFailed([FieldError("/role", "not_allowed", allowed=ROLES)])
    place = place_of(tx, cmd.actor, cmd.place)
    crew_id, vendor_id = _membership(tx, cmd)
    row = {
        "id": ports.ids.new(now), "name": cmd.name, "role": cmd.role, "place_id": place["id"],
        "place_path": place["path"], "crew_id": crew_id, "vendor_id": vendor_id,
        "party_id": cmd.party, "is_lead": cmd.lead, "on_duty": True, "active": True,
        "tier": (cmd.tier or _FIRST_TIER) if cmd.role == Role.MEDIATOR else cmd.tier,
        "created_at": now,
    }  # fmt: skip
    api_key.insert_account(tx, row)
    return row


def _membership(tx: Tx, cmd: CreateKey) -> tuple[str | None, str | None]:
    """Return the crew and vendor. A crew member belongs to one, a manager to a vendor."""
    if cmd.role == Role.CREW:
        crew = directory.crew_at(tx, cmd.crew)
        if crew is None:
            raise ValidationFailed([FieldError("/crew", "not_allowed" if cmd.crew else "required")])
        return crew["id"], crew["vendor_id"]
    if cmd.role == Role.VENDOR_MANAGER:
        vendor = directory.vendor_at(tx, cmd.vendor)
        if vendor is None:
            code = "not_allowed" if cmd.vendor else "required"
            raise ValidationFailed([FieldError("/vendor", code)])
        return None, vendor["id"]
    faults = [FieldError(f"/{n}", "not_allowed") for n in ("crew", "vendor") if getattr(cmd, n)]
    if faults:
        raise ValidationFailed(faults)
    return None, None

"""Money received into a vendor's controlled account (R-FIN-01, R-FIN-02).

What a ticket decides moves money by its event. The first payment of a contract and every
top-up come from a bank, not from a ticket: an office that controls the account records them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.commands.once import once_only
from service.commands.ports import Key, Outcome, Ports
from service.commands.register import place_of
from service.core.actors import Actor, Role
from service.core.errors import (
    FieldError,
    Forbidden,
    GuardRefused,
    NotFound,
    Reason,
    ValidationFailed,
)
from service.core.refs import DepositRef
from service.store import ledger
from service.store.queries.directory import VENDORS, item
from service.store.scope import bounds
from service.store.unit_of_work import Tx
from service.workflows import credit

RECORDERS = frozenset({Role.STREET_OFFICER, Role.DISTRICT_OFFICER})
"""Who controls the account beside the company (R-FIN-02)."""

RECEIVED = "received"
"""Reason of an entry that a bank's document, not a ticket, stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """A payment, whole fen. `required_fen` is the contract's, given with its first one.

    `contract_until` is the contract's last day: the first payment or a later one, when the
    contract is renewed, may say it.
    """

    actor: Actor
    vendor: str
    compound: str
    fen: int
    document: str
    required_fen: int | None = None
    contract_until: date | None = None
    key: Key | None = None


def receive(ports: Ports, cmd: Receive) -> Outcome:
    """Record a payment; the outcome's `ticket` is the deposit's row, its `event` the entry.

    The first payment in a compound opens the contract's deposit. Raises NotFound, Forbidden,
    ValidationFailed, and GuardRefused when the vendor may make no new contract.
    """
    with ports.uow() as tx:
        vendor = item(tx, VENDORS, cmd.actor, cmd.vendor)
        if vendor is None:
            raise NotFound

        def act() -> Outcome:
            _may(cmd.actor)
            _compound(tx, cmd, vendor)
            deposit = ledger.lock(tx, cmd.vendor, cmd.compound) or _opened(tx, cmd, vendor)
            _require_same(deposit, cmd)
            _renew(tx, deposit, cmd.contract_until)
            entry = _entry(tx, cmd)
            ledger.post(tx, [entry])
            shown = ledger.deposits(tx, cmd.vendor, bounds(""), compound=cmd.compound)
            return Outcome("created", shown[0], entry)

        return once_only(tx, cmd.actor, cmd.key, act)


def _may(actor: Actor) -> None:
    if actor.role not in RECORDERS:
        raise Forbidden("role: " + ", ".join(sorted(RECORDERS)))


def _compound(tx: Tx, cmd: Receive, vendor: Mapping[str, Any]) -> None:
    """Require a compound of the actor's place, on the vendor's branch of the tree."""
    place = place_of(tx, cmd.actor, cmd.compound, "/compound")
    home = vendor["sort_key"]
    serves = place["key"].startswith(home) or home.startswith(place["key"])
    if place["level"] != "compound" or not serves:
        raise ValidationFailed([FieldError("/compound", "not_allowed")])


def _opened(tx: Tx, cmd: Receive, vendor: Mapping[str, Any]) -> DepositRef:
    """Open the deposit of a contract not known before."""
    if cmd.required_fen is None:
        raise ValidationFailed([FieldError("/required_fen", "required")])
    reasons = tuple(_against(tx, vendor))
    if reasons:
        raise GuardRefused(reasons)
    return ledger.open_deposit(tx, cmd.vendor, cmd.compound, required_fen=cmd.required_fen)


def _against(tx: Tx, vendor: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield why the vendor may make no new contract."""
    if vendor["listed"] == "black":
        yield Reason("vendor_black_listed", "R-VEN-09")
    if vendor["market_exit"]:
        yield Reason("market_exit", "R-VEN-15")
    if any(
        credit.is_blocked(required_fen=d.required_fen, balance_fen=d.balance_fen)
        for d in ledger.all_of(tx, vendor["id"])
    ):
        yield Reason("deposit_too_low", "R-FIN-01")


def _require_same(deposit: DepositRef, cmd: Receive) -> None:
    """Raise ValidationFailed for a payment that would change what the contract asks."""
    if cmd.required_fen not in (None, deposit.required_fen):
        raise ValidationFailed([FieldError("/required_fen", "read_only")])


def _renew(tx: Tx, deposit: DepositRef, until: date | None) -> None:
    """Note the contract's last day. Raises ValidationFailed when it would end sooner."""
    known = deposit.contract_until
    if until is None or until == known:
        return
    if known is not None and until < known:
        raise ValidationFailed([FieldError("/contract_until", "read_only")])
    ledger.renew(tx, deposit, until)


def _entry(tx: Tx, cmd: Receive) -> Mapping[str, Any]:
    return {
        "vendor_id": cmd.vendor, "compound_id": cmd.compound, "debit": f"vendor:{cmd.vendor}",
        "credit": f"deposit:{cmd.vendor}:{cmd.compound}", "fen": cmd.fen, "reason": RECEIVED,
        "ticket_id": None, "event_seq": None, "actor_id": cmd.actor.id,
        "document": cmd.document, "at": tx.now(),
    }  # fmt: skip

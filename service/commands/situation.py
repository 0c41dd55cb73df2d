"""Gathers what rules look at: the ticket, its place and category, and what the row needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from service.commands.draft import Draft
from service.commands.ports import Ports
from service.core.actors import Actor
from service.core.errors import FieldError, ValidationFailed
from service.core.refs import CategoryRef, CrewRef, VendorRef
from service.core.workflow import BIRTH, Change, Situation, Step
from service.sla.clocks import Terms
from service.sla.policy import Profile
from service.store import account, cause, child, ledger, reference, rows, vendor_record
from service.store.account import ancestors
from service.store.unit_of_work import Tx
from service.workflows import REGISTRY

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One event on one draft: who, what, when. `at` is the effective time."""

    actor: Actor
    event: str
    data: Data
    at: datetime


def file_ids(data: Any, pointer: str = "/data") -> Mapping[str, UUID]:
    """Return every UUID of the loaded data by pointer: the attachments it names.

    Everything else an event names (crews, vendors, orders) is text.
    """
    if isinstance(data, UUID):
        return {pointer: data}
    found: dict[str, UUID] = {}
    if isinstance(data, Mapping):
        for name, value in data.items():
            found |= file_ids(value, f"{pointer}/{name}")
    elif isinstance(data, (list, tuple)):
        for n, value in enumerate(data):
            found |= file_ids(value, f"{pointer}/{n}")
    return found


def gather(tx: Tx, ports: Ports, draft: Draft, asked: Asked, needs: frozenset[str]) -> Situation:
    """Return the situation of one event, loading only what its rows need."""
    refs: dict[str, Any] = {
        "place": reference.place_of(draft.row),
        "category": category_of(
            ports, asked.data.get("category") or draft.row["category"], draft.workflow.kind
        ),
        "kinds": frozenset(ports.registry),
        "clocks": draft.clocks,
    }
    for need in sorted(needs - refs.keys()):
        refs[need] = _LOADERS[need](tx, draft, asked)
    return Situation(
        ticket=None if draft.state == BIRTH else draft.view(),
        actor=asked.actor,
        event=asked.event,
        data=asked.data,
        now=draft.now,
        at=asked.at,
        refs=refs,
        policy=draft.profile,
    )


def require_files(known: Mapping[UUID, Any], named: Mapping[str, UUID]) -> None:
    """Raise ValidationFailed for each named upload that is incomplete or not the caller's."""
    missing = [
        FieldError(pointer, "attachment_missing")
        for pointer, file in named.items()
        if file not in known or not known[file].complete or not known[file].mine
    ]
    if missing:
        raise ValidationFailed(missing)


def needs_of(rows: tuple[Step, ...]) -> frozenset[str]:
    """Return everything the rows need."""
    return frozenset(need for row in rows for need in row.needs)


def category_of(ports: Ports, code: str, kind: str) -> CategoryRef | None:
    """Return the catalogue entry of a kind of ticket."""
    found: CategoryRef | None = ports.catalogue.get(code)
    return found if found is not None and found.kind == kind else None


def terms_of(ports: Ports, row: Data, profile: Profile) -> Terms:
    """Return the SLA terms that a ticket row stands under."""
    category = category_of(ports, row["category"], row["kind"])
    variant = ports.registry[row["kind"]].variant(row)
    absolute = frozenset({category.clock} if category and category.clock else ())
    return Terms(
        profile=profile.id,
        profile_version=profile.version,
        variant=variant,
        opened_at=row["opened_at"],
        time_zone=row["time_zone"],
        absolute=absolute,
    )


def resolve(tx: Tx, ports: Ports, draft: Draft, change: Change) -> tuple[Change, Terms | None]:
    """Settle what a change leaves to the command: the profile copy and the new terms.

    The profile is copied again when the change asks for it (RULINGS 23). Terms are
    returned only when they differ from those in force.
    """
    columns = dict(change.columns)
    if change.repin:
        place = reference.place(tx, draft.row["place_id"])
        if place is not None:
            draft.profile = ports.policies.newest(tx, draft.workflow.profile_at(place[0]))
            columns |= {"profile": draft.profile.id, "profile_version": draft.profile.version}
    facts = {**draft.row["facts"], **change.facts}
    terms = terms_of(ports, {**draft.row, **columns, "facts": facts}, draft.profile)
    return replace(change, columns=columns), terms if terms != draft.terms else None


def _pool(tx: Tx, draft: Draft, _asked: Asked) -> Any:
    return reference.pool(
        tx,
        kind=draft.workflow.kind,
        ticket_id=draft.id,
        place_path=draft.row["place_path"],
        now=draft.now,
    )


_Firm = TypeVar("_Firm", CrewRef, VendorRef)


def _in_sight(actor: Actor, firm: _Firm | None) -> _Firm | None:
    """Return a crew or vendor that the directory shows the actor; others are as absent (A02)."""
    if firm is None:
        return None
    at = firm.place_path
    return firm if at in ancestors(actor.place_path) or actor.covers(at) else None


def _vendor(tx: Tx, _draft: Draft, asked: Asked) -> Any:
    named = asked.data.get("vendor") or asked.data.get("facts", {}).get("vendor")
    return _in_sight(asked.actor, reference.vendor(tx, named))


_WORKED_ON = [workflow.kind for workflow in REGISTRY if not workflow.about_assignee]
_PEOPLE = (
    "mediator", "mediators", "lead", "inspector", "inspectors", "leader", "electors", "handler",
    "receiver",
)  # fmt: skip


def _accounts(tx: Tx, _draft: Draft, asked: Asked) -> Any:
    """Load every account that the data names under the members for people."""
    return account.named(tx, _ids_in({n: asked.data.get(n) for n in _PEOPLE}))


def _ids_in(data: Any) -> list[UUID]:
    if isinstance(data, str):
        found = rows.as_uuid(data)
        return [found] if found else []
    if isinstance(data, Mapping):
        data = data.values()
    elif not isinstance(data, (list, tuple)):
        return []
    return [ident for inner in data for ident in _ids_in(inner)]


def _subject(draft: Draft) -> str | None:
    found: str | None = draft.row["vendor_id"]
    return found


Loader = Callable[[Tx, Draft, Asked], Any]

_LOADERS: Mapping[str, Loader] = {
    "crew": lambda tx, _d, asked: _in_sight(
        asked.actor, reference.crew(tx, asked.data.get("crew"))
    ),
    "vendor": _vendor,
    "subject": lambda tx, draft, _a: reference.judged(tx, _subject(draft)),
    "pool": _pool,
    "utility": lambda tx, draft, asked: reference.utility(
        tx, asked.data.get("utility"), place_path=draft.row["place_path"]
    ),
    "master": lambda tx, _d, asked: reference.other_ticket(
        tx, asked.data.get("into") or asked.data.get("from"), actor=asked.actor
    ),
    "named": lambda tx, _d, asked: reference.other_ticket(
        tx, asked.data.get("ticket"), actor=asked.actor
    ),
    "followers": lambda tx, _d, asked: reference.followers(tx, asked.data.get("from")),
    "attachments": lambda tx, _d, asked: reference.attachments(
        tx, list(file_ids(asked.data).values()), actor=asked.actor.id
    ),
    "no_access_times": lambda tx, draft, _a: reference.times_of(tx, draft.id, "no_access"),
    "revisit_calls": lambda tx, draft, _a: reference.times_of(tx, draft.id, "revisit_call"),
    "accounts": _accounts,
    "households": lambda tx, draft, asked: reference.below(
        tx, asked.data.get("electors", ()), draft.row["compound_id"]
    ),
    "sealed": lambda tx, draft, _a: child.sealed(tx, draft.id),
    "deposit": lambda tx, draft, _a: ledger.lock(tx, _subject(draft), draft.row["compound_id"]),
    "open_tickets": lambda tx, draft, _a: vendor_record.open_tickets(
        tx, _subject(draft), draft.row["compound_id"], kinds=_WORKED_ON
    ),
    "open_here": lambda tx, draft, _a: reference.open_here(
        tx, draft.workflow.kind, draft.row["place_path"]
    ),
    "cycles": lambda tx, draft, _a: vendor_record.failed_cures(
        tx, _subject(draft), draft.row["compound_id"], draft.now
    ),
    "caused": lambda tx, draft, _a: cause.related(tx, draft.id, "caused"),
    "causes": lambda tx, draft, _a: cause.related(tx, draft.id, "causes"),
}

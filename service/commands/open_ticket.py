"""Opens a ticket of any kind: the birth event, the first clocks, the number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from service.commands import once
from service.commands.aside import Cause
from service.commands.draft import Draft
from service.commands.fire_event import SKEW, outcome_of
from service.commands.ports import Key, Outcome, Ports
from service.commands.record import write
from service.commands.situation import (
    Asked,
    category_of,
    file_ids,
    gather,
    needs_of,
    require_files,
    terms_of,
)
from service.commands.step import Entry, add, follow, load
from service.core.actors import Actor, Role
from service.core.decision import judge, permit, route
from service.core.errors import (
    AlreadyExists,
    FieldError,
    NotFound,
    OccurredInFuture,
    ValidationFailed,
)
from service.core.refs import CategoryRef, PlaceRef
from service.core.workflow import BIRTH, Workflow
from service.sla.profile import URGENCIES
from service.store import clock, event, party, reference, ticket
from service.store.unit_of_work import Tx, violates

_PRIORITY = {"emergency": 1, "urgent": 2, "normal": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A ticket as asked for; the members of API 4."""

    kind: str
    actor: Actor
    place: str
    category: str
    title: str
    description: str = ""
    reporter: Mapping[str, Any] = field(default_factory=dict)
    urgency: str | None = None
    priority: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[UUID, ...] = ()
    appointment_from: datetime | None = None
    appointment_to: datetime | None = None
    id: UUID | None = None
    occurred_at: datetime | None = None
    event: str = "submit"
    fingerprint: bytes | None = None
    key: Key | None = None
    dry_run: bool = False
    causes: tuple[Cause, ...] = ()


def open_ticket(ports: Ports, cmd: Open) -> Outcome:
    """Open a ticket in one transaction, then ring the relay.

    Raises ForbiddenEvent, ValidationFailed, AlreadyExists, KeyInProgress, KeyReused,
    GuardRefused. The same id with the same content from the same caller answers
    `duplicate` with the existing ticket.
    """
    try:
        with ports.uow() as tx:
            outcome = open_in(tx, ports, cmd)
            if cmd.dry_run:
                tx.abandon()
    except IntegrityError as exc:
        if not (violates(exc, "ticket_pkey") or violates(exc, "event_pkey")):
            raise
        outcome = _twin(ports, cmd)
    if outcome.how == "created":
        ports.ring("relay")
    return outcome


def open_in(tx: Tx, ports: Ports, cmd: Open) -> Outcome:
    """Open a ticket inside an open transaction."""
    if cmd.key is not None and not cmd.dry_run:
        kept = once.claim(tx, cmd.actor, cmd.key)
        if kept is not None:
            if ticket.seen(tx, kind=cmd.kind, ref=kept.ticket["id"], actor=cmd.actor) is None:
                raise NotFound
            return kept
    workflow = ports.registry[cmd.kind]
    permit(workflow, cmd.event, cmd.actor, None)
    existing = _existing(tx, cmd) if cmd.id is not None else None
    if existing is not None:
        return existing
    place, now = _place(tx, cmd)
    category, facts = _checked(ports, workflow, cmd)
    draft = _newborn(tx, ports, cmd, place, category, now, facts)
    _be_born(tx, ports, draft, cmd, facts)
    hashes = write(tx, [draft])
    outcome = outcome_of(draft, hashes, cmd.event, "dry_run" if cmd.dry_run else "created")
    if cmd.key is not None and not cmd.dry_run:
        once.keep(tx, cmd.actor, cmd.key, outcome, ticket_id=draft.id)
    return outcome


def _twin(ports: Ports, cmd: Open) -> Outcome:
    """Answer for a ticket with this id that was opened a moment faster. Raises AlreadyExists."""
    with ports.uow() as tx:
        found = _existing(tx, cmd)
    if found is None:
        raise AlreadyExists
    return found


def _existing(tx: Tx, cmd: Open) -> Outcome | None:
    """Return the ticket this very call opened before. Raises AlreadyExists."""
    found = ticket.birth_of(tx, cmd.id)
    if found is None:
        return None
    mine = found["actor_id"] == cmd.actor.id and found["kind"] == cmd.kind
    same = found["fingerprint"] is not None and bytes(found["fingerprint"]) == cmd.fingerprint
    row = ticket.read(tx, kind=cmd.kind, ref=str(cmd.id), actor=cmd.actor)
    if not (mine and same) or row is None:
        raise AlreadyExists
    clocks = clock.load(tx, [row["id"]])[row["id"]]
    return Outcome(
        how="duplicate", ticket=row, event=event.history(tx, row["id"])[0], clocks=clocks
    )


def _place(tx: Tx, cmd: Open) -> tuple[PlaceRef, datetime]:
    """Return the place and the time. Unknown and out of scope answer alike."""
    found = reference.place(tx, cmd.place)
    if found is None or not _may_report(cmd.actor, found[0]):
        raise ValidationFailed([FieldError("/place", "unknown_place")])
    return found


def _may_report(actor: Actor, place: PlaceRef) -> bool:
    """Tell whether the actor may open a ticket there.

    A resident reports the common parts of the own building and compound too.
    """
    if actor.covers(place.path):
        return True
    own_side = actor.place_path.startswith(place.path + "/")
    return actor.role is Role.RESIDENT and own_side


def _checked(ports: Ports, workflow: Workflow, cmd: Open) -> tuple[CategoryRef, Mapping[str, Any]]:
    """Return the category and the loaded facts. Raises ValidationFailed with every fault."""
    faults = []
    facts: Mapping[str, Any] = {}
    category = category_of(ports, cmd.category, cmd.kind)
    if category is None:
        codes = tuple(sorted(ports.catalogue.of(cmd.kind).codes))
        faults.append(FieldError("/category", "not_allowed", allowed=codes))
    if cmd.urgency is not None and cmd.urgency not in URGENCIES:
        faults.append(FieldError("/urgency", "not_allowed", allowed=URGENCIES))
    try:
        facts = load(workflow.create, cmd.facts, "/facts")
    except ValidationFailed as exc:
        faults += exc.errors
    if faults or category is None:
        raise ValidationFailed(faults)
    return category, facts


def _newborn(  # noqa: PLR0913 — everything a ticket is born from
    tx: Tx,
    ports: Ports,
    cmd: Open,
    place: PlaceRef,
    category: CategoryRef,
    now: datetime,
    facts: Mapping[str, Any],
) -> Draft:
    workflow = ports.registry[cmd.kind]
    profile = ports.policies.newest(tx, workflow.profile_at(place))
    urgency = cmd.urgency or category.urgency
    reporter = party.for_report(tx, ports.ids.new(now), cmd.reporter, place.id, now)
    row = {
        "id": cmd.id or ports.ids.new(now),
        "number": "",
        "kind": cmd.kind,
        "state": BIRTH,
        "seq": 0,
        "version": 0,
        "machine_version": workflow.version,
        "place_id": place.id,
        "place_path": place.path,
        "place_name": place.name,
        "place_level": place.level,
        "compound_id": place.compound_id,
        "compound_flags": {},
        "time_zone": place.time_zone,
        "category": category.code,
        "urgency": urgency,
        "priority": cmd.priority or _PRIORITY[urgency],
        "title": cmd.title,
        "description": cmd.description,
        "reporter_id": reporter,
        "reporter_channel": cmd.reporter["channel"],
        "reporter_name": cmd.reporter.get("name"),
        "reporter_phone": cmd.reporter.get("phone"),
        "opened_by": cmd.actor.id,
        "assignee_type": None,
        "assignee_id": None,
        "assignee_name": None,
        "crew_id": None,
        "vendor_id": None,
        "outside_body": False,
        "profile": profile.id,
        "profile_version": profile.version,
        "facts": dict(facts),
        "opened_at": now,
        "last_event_at": now,
        "updated_at": now,
        "closed_at": None,
        "next_due_at": None,
        "day": now.astimezone(ZoneInfo(place.time_zone)).date(),
    }
    return Draft(
        workflow=workflow,
        row=row,
        clocks=(),
        profile=profile,
        terms=terms_of(ports, row, profile),
        calendars=ports.calendars,
        now=now,
        born=True,
    )


def _be_born(tx: Tx, ports: Ports, draft: Draft, cmd: Open, facts: Mapping[str, Any]) -> None:
    """Take the birth event. A report counts from its receipt; the claimed time is kept."""
    if cmd.occurred_at is not None and cmd.occurred_at > draft.now + SKEW:
        raise OccurredInFuture(cmd.occurred_at, draft.now)
    workflow = draft.workflow
    rows = route(workflow, BIRTH, cmd.event, cmd.actor, None)
    asked = {
        "place": cmd.place,
        "category": cmd.category,
        "urgency": draft.row["urgency"],
        "channel": cmd.reporter["channel"],
        "facts": facts,
        "attachments": list(cmd.attachments),
    }
    if cmd.appointment_from or cmd.appointment_to:
        asked |= {
            "appointment_from": cmd.appointment_from,
            "appointment_to": cmd.appointment_to,
        }
    files = file_ids(asked, "")
    needs = needs_of(rows) | ({"attachments"} if files else frozenset())
    situation = gather(tx, ports, draft, Asked(cmd.actor, cmd.event, asked, draft.now), needs)
    require_files(situation.refs.get("attachments", {}), files)
    step = judge(workflow, BIRTH, situation, rows)
    entry = Entry(
        id=ports.ids.new(draft.now),
        actor=cmd.actor,
        event=cmd.event,
        at=draft.now,
        raw_at=cmd.occurred_at,
        fingerprint=cmd.fingerprint,
    )
    add(tx, ports, draft, step, entry, situation)
    for cause in cmd.causes:
        draft.caused_by(cause, cmd.actor)
    follow(tx, ports, draft, step, draft.now)

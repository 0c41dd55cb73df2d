"""A ticket, an event and a clock as the API shows them (API 4, 5, 7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from service.commands.ports import Outcome, Ports
from service.core.actors import SYSTEM, Role
from service.core.messages import clock_label, text
from service.edge import masking
from service.edge.conditions import etag
from service.edge.routes import Answer, Call
from service.sla.clocks import Clock
from service.sla.notation import iso, read_moment
from service.sla.view import clock_view

Row = Mapping[str, Any]
MEMBERS = (
    "id", "number", "kind", "state", "version", "place", "category", "urgency", "priority",
    "title", "description", "reporter", "assignee", "opened_at", "next_due_at", "closed_at",
    "facts", "links",
)  # fmt: skip
INCLUDES = ("clocks", "crew")
_CHILDREN = (
    "events", "clocks", "available_events", "attachments", "notes", "work_log", "related",
)  # fmt: skip


def location(ports: Ports, row: Row) -> str:
    """Return the path of a ticket."""
    return f"/v1/{ports.registry[row['kind']].collection}/{row['id']}"


def ticket(call: Call, row: Row) -> dict[str, Any]:
    """Return a ticket; the reporter is masked."""
    path = location(call.ports, row)
    shown = {
        "id": row["id"],
        "number": row["number"],
        "kind": row["kind"],
        "state": row["state"],
        "version": row["version"],
        "place": {
            "id": row["place_id"],
            "path": row["place_path"],
            "name": row["place_name"],
            "time_zone": row["time_zone"],
        },
        "category": row["category"],
        "urgency": row["urgency"],
        "priority": row["priority"],
        "title": row["title"],
        "description": row["description"],
        "reporter": {
            "name": masking.name(row["reporter_name"]),
            "phone": masking.phone(row["reporter_phone"]),
            "channel": row["reporter_channel"],
        },
        "assignee": _assignee(row),
        "opened_at": row["opened_at"],
        "next_due_at": row["next_due_at"],
        "closed_at": row["closed_at"],
        "facts": masking.data(row["facts"]),
        "links": {name: f"{path}/{name.replace('_', '-')}" for name in _children(call, row)},
    }
    return shown | _labels(call, row) if call.labels else shown


def _children(call: Call, row: Row) -> tuple[str, ...]:
    lists = call.ports.registry[row["kind"]].lists
    return (*_CHILDREN, *(segment.replace("-", "_") for segment in lists))


def _assignee(row: Row) -> Mapping[str, Any] | None:
    if row["assignee_type"] is None:
        return None
    return {"type": row["assignee_type"], "id": row["assignee_id"], "name": row["assignee_name"]}


def crew(row: Row) -> Row | None:
    """Return the crew that holds the ticket, by itself or for a vendor."""
    if row["crew_id"] is None:
        return None
    name = row.get("crew_name") or (row["assignee_name"] if row["vendor_id"] is None else None)
    return {"id": row["crew_id"], "name": name}


def _labels(call: Call, row: Row) -> dict[str, Any]:
    category = call.ports.catalogue.get(row["category"])
    return {
        "kind_label": text(f"kind.{row['kind']}", call.lang),
        "state_label": text(f"state.{row['kind']}.{row['state']}", call.lang),
        "urgency_label": text(f"urgency.{row['urgency']}", call.lang),
        "category_label": category.labels[call.lang] if category else row["category"],
    }


def event(
    call: Call, row: Row, *, actor_name: str | None, link: UUID | None = None
) -> dict[str, Any]:
    """Return one line of the history; people in its data are masked.

    `link` is the one that the actor held: the history says who made it.
    """
    actor = {"role": row["actor_role"], "name": _actor_name(row, actor_name)}
    shown = {
        "id": row["id"],
        "seq": row["seq"],
        "type": row["type"],
        "from": row["from_state"] or None,
        "to": row["to_state"],
        "version": row["version"],
        "actor": actor if link is None else {**actor, "link": link},
        "device": row.get("device_id"),
        "occurred_at": row["occurred_at"],
        "received_at": row["received_at"],
        "data": masking.data(row["data"]),
        "comment": row["comment"],
        "hash": row["hash"],
        "prev_hash": row["prev_hash"],
    }
    if row["raw_occurred_at"] is not None:
        shown["raw_occurred_at"] = row["raw_occurred_at"]
    if call.labels:
        shown["type_label"] = text(f"event.{row['kind']}.{row['type']}", call.lang)
        shown["to_label"] = text(f"state.{row['kind']}.{row['to_state']}", call.lang)
    return shown


def _actor_name(row: Row, name: str | None) -> str | None:
    if row["actor_role"] == Role.SYSTEM:
        return SYSTEM.name
    # A link's holder has no name: null here as in the history.
    return (masking.name(name) if row["actor_role"] == Role.RESIDENT else name) or None


def clock(call: Call, found: Clock, now: datetime, rungs: Sequence[Any]) -> dict[str, Any]:
    """Return one clock with the rungs that fired."""
    noticed = next((read_moment(r["noticed_at"]) for r in rungs if r["level"] == 0), None)
    shown = clock_view(found, now, call.ports.calendars, noticed_at=noticed)
    shown["escalations"] = [_rung(rung) for rung in rungs]
    if call.labels:
        shown["clock_label"] = clock_label(found.name, call.lang)
    return shown


def _rung(rung: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "level": rung["level"],
        "at": iso(read_moment(rung["at"])),
        "noticed_at": iso(read_moment(rung["noticed_at"])),
        "to": list(dict.fromkeys(who["role"] for who in rung["told"])),
    }
    if rung["withdrawn_at"]:
        shown["withdrawn_at"] = iso(read_moment(rung["withdrawn_at"]))
    return shown


def moved(call: Call, outcome: Outcome, clocks: Iterable[Clock]) -> Answer:
    """Return the answer to an event: the line, the ticket, its clocks.

    Which rungs fired stands at the clocks' own address.
    """
    row = outcome.ticket
    now = row.get("now") or row["updated_at"]
    held = None if call.actor.link_ticket is None else call.actor.id
    body = {
        "event": event(call, outcome.event, actor_name=call.actor.name, link=held),
        "ticket": ticket(call, row),
        "clocks": [clock_view(c, now, call.ports.calendars) for c in clocks],
    }
    status = 201 if outcome.how == "created" else 200
    if outcome.how != "created":
        body["outcome"] = outcome.how
    return Answer(status, body, {"ETag": etag(row["version"])})

"""JSON Schemas of what the API answers; the OpenAPI document refers to them by name."""

from collections.abc import Mapping
from typing import Any, Final

from service.edge.problems import SLUGS

Json = Mapping[str, Any]

_TEXT: Final = {"type": "string"}
_WHOLE: Final = {"type": "integer"}
_NUMBER: Final = {"type": "number"}
_OBJECT: Final = {"type": "object"}
_ID: Final = {"type": "string", "format": "uuid"}
_TIME: Final = {"type": "string", "format": "date-time"}
_MAYBE_WHOLE: Final = {"type": ["integer", "null"]}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_MAYBE_TIME: Final = {"type": ["string", "null"], "format": "date-time"}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def ref(name: str) -> dict[str, Any]:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(item: Json) -> dict[str, Any]:
    """Return the schema of one page."""
    page = _object(data={"type": "array", "items": item}, has_more={"type": "boolean"})
    page["properties"] |= {"next_cursor": _MAYBE_TEXT, "total": _WHOLE}
    return page


TICKET: Final = ref("Ticket")
CONTACT: Final = _object(name=_MAYBE_TEXT, phone=_MAYBE_TEXT, channel=_TEXT)
PARTY_CONTACT: Final = _object(
    party=_WHOLE,
    persons={
        "type": "array",
        "items": _object(member=_TEXT, name=_MAYBE_TEXT, phone=_MAYBE_TEXT),
    },
)
NOTE: Final = _object(
    id=_ID, seq=_WHOLE, level={"enum": ["private", "shared", "recorded"]}, party=_MAYBE_WHOLE,
    text=_TEXT, actor=_OBJECT, at=_TIME,
)  # fmt: skip
LINK: Final = _object(id=_ID, party=_MAYBE_WHOLE, created_at=_TIME, revoked_at=_MAYBE_TIME)
LINK["properties"] |= {"token": _TEXT, "url": _TEXT, "created_by": _OBJECT}
NUMBERED: Final = _object(n={"type": "integer", "minimum": 1})
_RELATED: Final = {
    "type": "array",
    "items": _object(
        relation=_TEXT,
        ticket=_object(id=_ID, number=_TEXT, kind=_TEXT, state=_TEXT, href=_TEXT),
        seq=_WHOLE,
        own_seq=_WHOLE,
        at=_TIME,
    ),
}
RELATED: Final = _object(caused_by=_RELATED, caused=_RELATED)
FILE: Final = _object(
    id=_ID, media_type=_TEXT, size=_WHOLE, complete={"type": "boolean"}, created_at=_TIME,
    event_seq=_WHOLE, pointer=_TEXT, href=_TEXT,
)  # fmt: skip
WORK: Final = _object(seq=_WHOLE, at=_TIME)
AVAILABLE: Final = _object(
    state=_TEXT,
    version=_WHOLE,
    data={
        "type": "array",
        "items": _object(type=_TEXT, label=_TEXT, enabled={"type": "boolean"}),
    },
)
MOVED: Final = _object(
    event=ref("Event"), ticket=TICKET, clocks={"type": "array", "items": ref("Clock")}
)
CLOCKS: Final = _object(data={"type": "array", "items": ref("Clock")})
EXPLAINED: Final = _object(
    clock=_TEXT, epoch=_WHOLE, basis=_TEXT, as_of=_TIME, policy=_OBJECT, calendar=_OBJECT,
    time_zone=_TEXT, target_s=_NUMBER, intervals={"type": "array", "items": _OBJECT},
    arithmetic=_OBJECT, verdict=_MAYBE_TEXT, text=_TEXT,
)  # fmt: skip
TRACKED: Final = _object(
    ticket=_OBJECT, clocks={"type": "array", "items": ref("Clock")}, available_events=AVAILABLE
)
TRACKED["properties"]["notes"] = {"type": "array", "items": NOTE}

COMPONENTS: Final[dict[str, Any]] = {
    "Ticket": _object(
        id=_ID, number=_TEXT, kind=_TEXT, state=_TEXT, version=_WHOLE,
        place=_object(id=_TEXT, path=_TEXT, name=_TEXT, time_zone=_TEXT),
        category=_TEXT, urgency={"enum": ["emergency", "urgent", "normal"]},
        priority={"type": "integer", "minimum": 1, "maximum": 5}, title=_TEXT, description=_TEXT,
        reporter=CONTACT, assignee={"type": ["object", "null"]}, opened_at=_TIME,
        next_due_at=_MAYBE_TIME, closed_at=_MAYBE_TIME, facts=_OBJECT, links=_OBJECT,
    ),
    "Event": _object(
        id=_ID, seq=_WHOLE, type=_TEXT, **{"from": _MAYBE_TEXT}, to=_TEXT, version=_WHOLE,
        actor=_object(role=_TEXT, name=_MAYBE_TEXT), device=_MAYBE_TEXT, occurred_at=_TIME,
        received_at=_TIME, data=_OBJECT, comment=_MAYBE_TEXT, hash=_MAYBE_TEXT,
        prev_hash=_MAYBE_TEXT,
    ),
    "Clock": _object(
        clock=_TEXT, epoch=_WHOLE,
        state={"enum": ["not_started", "running", "paused", "stopped"]},
        result={"enum": ["met", "breached", "breached_excused", "not_applicable", None]},
        display=_MAYBE_TEXT, started_at=_TIME, warn_at=_MAYBE_TIME, due_at=_MAYBE_TIME,
        stopped_at=_MAYBE_TIME, breached_at=_MAYBE_TIME, noticed_at=_MAYBE_TIME,
        target_s=_NUMBER, target=_TEXT, used_s=_NUMBER, used=_TEXT, remaining_s=_NUMBER,
        remaining=_TEXT, paused_s=_NUMBER, paused=_TEXT, profile=_TEXT, profile_version=_WHOLE,
        calendar=_TEXT, calendar_version=_WHOLE, rule=_TEXT,
    ),
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"}, "title": _TEXT, "status": _WHOLE,
            "code": {"enum": list(SLUGS)}, "detail": _TEXT, "retryable": {"type": "boolean"},
            "request_id": _TEXT,
        },
        "required": ["type", "title", "status", "code", "detail", "retryable"],
    },
}  # fmt: skip

"""JSON Schemas of what the resources beside tickets answer; see also `schemas`."""

from collections.abc import Mapping
from typing import Any, Final

_TEXT: Final = {"type": "string"}
_WHOLE: Final = {"type": "integer"}
_FLAG: Final = {"type": "boolean"}
_OBJECT: Final = {"type": "object"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_MAYBE_WHOLE: Final = {"type": ["integer", "null"]}
_MAYBE_OBJECT: Final = {"type": ["object", "null"]}
_TIME: Final = {"type": "string", "format": "date-time"}
_MAYBE_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
_MAYBE_DAY: Final = {"type": ["string", "null"], "format": "date"}
_ID: Final = {"type": "string", "format": "uuid"}
_RATE: Final = {"type": ["number", "null"], "minimum": 0, "maximum": 1}


def shape(*optional: str, **members: Any) -> dict[str, Any]:
    """Return an object's schema; members not named `optional` are always there."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required}


def many(item: Any) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


_NAMED: Final = shape(id=_TEXT, name=_TEXT)
PLACE: Final = shape(
    "flags", id=_TEXT, level=_TEXT, path=_TEXT, name=_TEXT, parent=_MAYBE_TEXT,
    time_zone=_TEXT, profile=_MAYBE_TEXT, version=_WHOLE, flags=_OBJECT,
)  # fmt: skip
CREW: Final = shape(
    id=_TEXT, name=_TEXT, vendor=_MAYBE_OBJECT, place=_NAMED, skills=_TEXTS,
    certificates=many(shape(trade=_TEXT, valid_until=_TEXT)),
    shifts=many(shape(**{"from": _TEXT, "to": _TEXT})), on_shift=_FLAG, open_orders=_WHOLE,
    last_contact_at=_MAYBE_TIME, version=_WHOLE,
)  # fmt: skip
VENDOR: Final = shape(
    id=_TEXT, name=_TEXT, place=_NAMED, service_lines=_TEXTS, body=_MAYBE_TEXT,
    pool=shape(active=_FLAG, trades=_TEXTS, valid_until=_MAYBE_DAY), capacity=_WHOLE,
    listed={"enum": ["red", "black", "none"]}, market_exit=_FLAG, blocked=_FLAG, version=_WHOLE,
)  # fmt: skip
_DEPOSIT: Final = shape(
    compound=_NAMED, required_fen=_WHOLE, balance_fen=_WHOLE, blocked=_FLAG,
    contract_until=_MAYBE_DAY, top_up_due=_MAYBE_TIME,
)  # fmt: skip
_ENTRY: Final = shape(
    "id", "compound", "actor", "ticket", id=_WHOLE, at=_TIME, compound=_NAMED, debit=_TEXT,
    credit=_TEXT, fen=_WHOLE, reason=_TEXT, document=_MAYBE_TEXT, actor=_MAYBE_OBJECT,
    ticket=_MAYBE_OBJECT,
)  # fmt: skip
_SUBJECT: Final[Mapping[str, Any]] = {
    "subject": {"enum": ["company", "manager"]},
    "manager": _MAYBE_TEXT,
}
LEDGER: Final = shape(
    deposits=many(_DEPOSIT), data=many(_ENTRY), has_more=_FLAG, next_cursor=_MAYBE_TEXT
)
RECEIVED: Final = shape(entry=_ENTRY, deposit=_DEPOSIT)
CREDIT: Final = shape(
    year=_WHOLE, listed={"enum": ["red", "black", "none"]}, market_exit=_FLAG,
    scores=many(
        shape(
            **_SUBJECT, score=_WHOLE,
            level={"enum": ["red_candidate", "normal", "black_candidate"]},
        )
    ),
    data=many(shape(**_SUBJECT, at=_TIME, points=_WHOLE, reason=_TEXT, ticket=_MAYBE_OBJECT)),
    has_more=_FLAG, next_cursor=_MAYBE_TEXT,
)  # fmt: skip
CASE_FILE: Final = shape(
    number=_TEXT,
    items=many(
        shape(
            n=_WHOLE, code=_TEXT, title=_TEXT, required=_FLAG, present=_FLAG, sources=_TEXTS,
        )
    ),
    complete=_FLAG, missing=_TEXTS, override=_MAYBE_OBJECT, print=_TEXT,
)  # fmt: skip
UTILITY: Final = shape(id=_TEXT, trade=_TEXT, name=_TEXT, phone=_TEXT, place=_NAMED, version=_WHOLE)
PARTY: Final = shape(
    id=_ID, name=_MAYBE_TEXT, phone=_MAYBE_TEXT, place=_NAMED, notice_version=_MAYBE_TEXT,
    created_at=_TIME, version=_WHOLE,
)  # fmt: skip
_REVISIT_RATE: Final = shape(
    compound=_NAMED, vendor=_MAYBE_OBJECT, month=_TEXT, closed=_WHOLE, revisited=_WHOLE,
    ratio=_RATE,
)  # fmt: skip
INBOX_ENTRY: Final = shape(
    "clock", "level", "subject", id=_ID, topic=_TEXT, ticket=_MAYBE_OBJECT, clock=_TEXT,
    level=_MAYBE_WHOLE, subject=_REVISIT_RATE, text=_TEXT, at=_TIME, acknowledged_at=_MAYBE_TIME,
)  # fmt: skip
CHANGES: Final = shape(
    data=many(
        shape(
            "event", seq=_WHOLE, op={"enum": ["event", "patch", "gone"]},
            ticket=_OBJECT, event=_OBJECT,
        )
    ),
    next_after=_WHOLE,
    has_more=_FLAG,
)  # fmt: skip
API_KEY: Final = shape(
    "key", id=_ID, prefix=_TEXT, name=_TEXT, role=_TEXT, scopes=_TEXTS, created_at=_TIME,
    expires_at=_MAYBE_TIME, revoked_at=_MAYBE_TIME, last_used_at=_MAYBE_TIME, account=_ID,
    place=_TEXT, crew=_MAYBE_TEXT, vendor=_MAYBE_TEXT, tier=_MAYBE_WHOLE, lead=_FLAG,
    key=_MAYBE_TEXT,
)  # fmt: skip
ENDPOINT: Final = shape(
    "secret", "delivery", id=_ID, url=_TEXT, types=_TEXTS, description=_TEXT,
    created_at=_TIME, version=_WHOLE, disabled_at=_MAYBE_TIME, place=_TEXT,
    disabled_reason=_MAYBE_TEXT, old_secret_until=_MAYBE_TIME, secret=_MAYBE_TEXT, delivery=_ID,
)  # fmt: skip
DELIVERY: Final = shape(
    "next_try_at", id=_ID, type=_TEXT, attempts=_WHOLE, status=_MAYBE_WHOLE,
    created_at=_TIME, sent_at=_MAYBE_TIME, last_error=_MAYBE_TEXT,
    state={"enum": ["pending", "sent", "superseded", "failed"]}, next_try_at=_MAYBE_TIME,
)  # fmt: skip
UPLOADED: Final = shape("complete", id=_ID, received=_WHOLE, complete=_FLAG)
PROFILE: Final = shape(
    id=_TEXT, version=_WHOLE, kind=_TEXT, effective_from=_TIME, missing=_TEXTS, digest=_TEXT,
    template=_FLAG, numbers=_OBJECT, rules=_OBJECT, clocks=_OBJECT,
)  # fmt: skip
META: Final = shape(
    name=_TEXT, version=_TEXT, server_time=_TIME, time_zone=_TEXT, languages=_TEXTS,
    limits=_OBJECT, demo=_FLAG, clock={"enum": ["real", "simulated"]}, kinds=many(_OBJECT),
)  # fmt: skip
READY: Final = shape(
    status={"enum": ["ready", "not_ready"]},
    checks={"type": "object", "additionalProperties": _TEXT}, warnings=_TEXTS,
)  # fmt: skip
ME: Final = shape(
    "crew", "vendor", "tier", id=_ID, name=_TEXT, roles=_TEXTS, places=many(_OBJECT),
    scopes=_TEXTS, crew=_TEXT, vendor=_TEXT, tier=_WHOLE,
)  # fmt: skip
_COUNTS: Final[Mapping[str, Any]] = {
    "due": _WHOLE, "met": _WHOLE, "breached": _WHOLE, "breached_excused": _WHOLE, "open": _WHOLE,
    "breach_rate": _RATE, "href": _OBJECT,
}  # fmt: skip
REPORT: Final = shape(
    report=_TEXT, basis=_TEXT, **{"from": {"type": "string", "format": "date"}},
    to={"type": "string", "format": "date"}, data_as_of=_TIME, time_zone=_TEXT,
    definitions=_OBJECT, total=shape(**_COUNTS, tickets=_WHOLE), data=many(shape(**_COUNTS)),
)  # fmt: skip
REPORT_ROW: Final = shape(
    ticket=_OBJECT, clock=_TEXT, epoch=_WHOLE, result=_TEXT, counted_at=_TIME, started_at=_TIME,
    due_at=_MAYBE_TIME, stopped_at=_MAYBE_TIME, breached_at=_MAYBE_TIME, rule=_TEXT,
    crew=_MAYBE_OBJECT, vendor=_MAYBE_OBJECT, href=_OBJECT,
)  # fmt: skip

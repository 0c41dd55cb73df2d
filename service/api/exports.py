"""`/v1/exports/audit`: every history line with its hash chain, for an independent checker.

The chain of a ticket verifies by SHA-256 alone: `hash` is the digest of `prev_hash` (as
bytes, nothing for the first line) followed by `sealed` in UTF-8.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from service.commands.audit_access import note_export
from service.core.actors import Role
from service.core.errors import FieldError, ValidationFailed
from service.core.shapes import Choice
from service.edge.output import as_json
from service.edge.reading import Params, Words
from service.edge.routes import Answer, Call, Policy, Route
from service.store.queries import audit

_AUDITS = Policy(frozenset({Role.AUDITOR, Role.ADMIN}), scope="exports:read")
_NDJSON = "application/x-ndjson"
_CHUNK = 1000
_BEGINNING = (UUID(int=0), 0)


class AuditQuery(Params):
    """Which lines, and the one form there is."""

    kind = Words()
    format = Choice("ndjson", load_default="ndjson")


def get_audit(call: Call) -> Answer:
    """Stream the trail. A failure on the way breaks the connection off."""
    kinds = call.query.get("kind", [])
    known = tuple(call.ports.registry)
    if not set(kinds) <= set(known):
        raise ValidationFailed([FieldError("?kind", "not_allowed", allowed=known)])
    note_export(call.ports, actor=call.actor, request_id=call.request_id)
    headers = {
        "Content-Disposition": 'attachment; filename="audit.ndjson"',
        "Cache-Control": "private, no-store",
    }
    return Answer(200, None, headers, _NDJSON, _lines(call, kinds))


def _lines(call: Call, kinds: list[str]) -> Iterator[bytes]:
    after = _BEGINNING
    while True:
        # A short transaction a chunk: a slow reader must not hold one open.
        with call.ports.uow() as tx:
            found = audit.lines(tx, call.actor, kinds=kinds, after=after, limit=_CHUNK)
        if found:
            yield b"".join(as_json(_line(row)) + b"\n" for row in found)
            after = (found[-1]["ticket_id"], found[-1]["seq"])
        if len(found) < _CHUNK:
            return


def _line(row: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("id", "seq", "kind", "type", "version", "occurred_at", "received_at",
             "raw_occurred_at", "data", "effects", "comment", "prev_hash", "hash",
             "sealed")  # fmt: skip
    return {
        "ticket": {"id": row["ticket_id"], "number": row["number"]},
        "from": row["from_state"],
        "to": row["to_state"],
        "actor": {"id": row["actor_id"], "role": row["actor_role"]},
        "device": row["device_id"],
        **{name: row[name] for name in names},
    }


ROUTES = (
    Route(method="GET", path="/v1/exports/audit", policy=_AUDITS, handler=get_audit,
          tag="exports", summary="The audit trail as NDJSON, with its hash chain",
          query=AuditQuery),
)  # fmt: skip

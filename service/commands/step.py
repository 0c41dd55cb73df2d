"""Takes one judged event onto a draft, and what follows by itself in the same transaction."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError

from service.commands.draft import Draft
from service.commands.line import Line
from service.commands.ports import Ports
from service.commands.situation import Asked, file_ids, gather, needs_of, require_files, resolve
from service.core.actors import SYSTEM, Actor
from service.core.decision import judge, permit, route
from service.core.errors import FieldError, GuardRefused, IllegalTransition, ValidationFailed
from service.core.ids import derived
from service.core.shapes import Person, stamp
from service.core.workflow import Change, ClockAction, Situation, Step
from service.sla.clocks import Op
from service.store import party
from service.store.unit_of_work import Tx

_MOST_AUTOMATIC = 3  # RULINGS 18


@dataclass(frozen=True, slots=True)
class Entry:
    """What the caller sent of an event, apart from its data."""

    id: UUID
    actor: Actor
    event: str
    at: datetime
    raw_at: datetime | None = None
    comment: str | None = None
    fingerprint: bytes | None = None


def candidates(draft: Draft, event: str, actor: Actor) -> tuple[Step, ...]:
    """Return the rows that may apply. Raises as `decision.permit` and `route` do."""
    return route(draft.workflow, draft.state, event, actor, draft.view())


def load_data(rows: tuple[Step, ...], raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return schema-valid data. Raises ValidationFailed with pointers into /data."""
    schema = next((row.data for row in rows if row.data is not None), None)
    if schema is None:
        if raw:
            raise ValidationFailed([FieldError(f"/data/{n}", "unknown_field") for n in raw])
        return {}
    return load(schema, raw, "/data")


@cache
def _shape(schema: type[Schema]) -> Schema:
    """Return the one instance of a schema; building one costs more than a load."""
    return schema()


def load(schema: type[Schema], raw: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """Return what the schema makes of `raw`. Raises ValidationFailed with pointers."""
    try:
        loaded: Mapping[str, Any] = _shape(schema).load(raw)
    except ValidationError as exc:
        raise ValidationFailed(field_errors(exc.messages, pointer)) from exc
    return loaded


def field_errors(messages: Any, pointer: str) -> list[FieldError]:
    """Return marshmallow's messages as pointed field errors.

    A message is "code" or "code: detail" when the schema says so, else marshmallow's own.
    """
    if isinstance(messages, Mapping):
        found: list[FieldError] = []
        for name, inner in messages.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            here = pointer if name == "_schema" else f"{pointer}/{escaped}"
            found += field_errors(inner, here)
        return found
    return [_field_error(str(m), pointer) for m in messages]


_CODES = {
    "Missing data for required field.": "required",
    "Field may not be null.": "required",
    "Unknown field.": "unknown_field",
}


def _field_error(message: str, pointer: str) -> FieldError:
    if message in _CODES:
        return FieldError(pointer, _CODES[message])
    code, _, detail = message.partition(": ")
    if code.replace("_", "").isalpha() and code.islower():
        allowed = tuple(detail.split(", ")) if code == "not_allowed" and detail else ()
        return FieldError(pointer, code, "" if allowed else detail, allowed)
    return FieldError(pointer, "wrong_type", message)


def take(tx: Tx, ports: Ports, draft: Draft, entry: Entry, data: Mapping[str, Any]) -> Step:
    """Judge the event and take it onto the draft. Raises ValidationFailed, GuardRefused."""
    rows = candidates(draft, entry.event, entry.actor)
    asked = Asked(entry.actor, entry.event, data, entry.at)
    files = file_ids(data)
    needs = needs_of(rows) | ({"attachments"} if files else frozenset())
    situation = gather(tx, ports, draft, asked, needs)
    require_files(situation.refs.get("attachments", {}), files)
    step = judge(draft.workflow, draft.state, situation, rows)
    add(tx, ports, draft, step, entry, situation)
    return step


def kept_apart(tx: Tx, ports: Ports, draft: Draft, data: Any) -> Any:
    """Return data with every person stored apart, its id in the person's place."""
    if isinstance(data, Person):
        ident = ports.ids.new(draft.now)
        party.keep(tx, ident, data, draft.row["place_id"], draft.now)
        return {"party": str(ident)}
    if isinstance(data, Mapping):
        return {name: kept_apart(tx, ports, draft, inner) for name, inner in data.items()}
    if isinstance(data, list):
        return [kept_apart(tx, ports, draft, inner) for inner in data]
    return data


def follow(tx: Tx, ports: Ports, draft: Draft, step: Step, at: datetime) -> None:
    """Take the automatic events that wait for nothing, three in a row at most."""
    following = step.then
    for _ in range(_MOST_AUTOMATIC):
        if following is None:
            return
        done = attempt(tx, ports, draft, following, at)
        following = done.then if done else None


def attempt(  # noqa: PLR0913 — one event by SYSTEM
    tx: Tx,
    ports: Ports,
    draft: Draft,
    event: str,
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> Step | None:
    """Let SYSTEM take an event if the rules allow it here; None when they do not."""
    ident = derived("auto", draft.id, event, draft.row["seq"])
    entry = Entry(id=ident, actor=SYSTEM, event=event, at=at)
    try:
        permit(draft.workflow, event, SYSTEM, draft.view())
        return take(tx, ports, draft, entry, data or {})
    except (GuardRefused, IllegalTransition):
        return None


def add(  # noqa: PLR0913 — the one place where judgement becomes change
    tx: Tx, ports: Ports, draft: Draft, step: Step, entry: Entry, situation: Situation
) -> None:
    """Take a judged step onto the draft: its change, its clocks, its line."""
    situation = replace(situation, data=kept_apart(tx, ports, draft, situation.data))
    plain, sealed = _plain(ports, draft, step, situation)
    if situation.ticket is None:
        draft.row["facts"] = dict(plain.get("facts", {}))
    change = step.effect(situation) if step.effect else Change()
    if sealed:
        change = replace(change, children=(*change.children, ("sealed", sealed)))
    change, terms = resolve(tx, ports, draft, change)
    opened_at = change.columns.get("opened_at", draft.row["opened_at"])
    ops = tuple(
        op
        for action in step.clocks
        if action.when is None or action.when(situation)
        for op in _ops(action, situation, opened_at)
    )
    line = Line(
        id=entry.id,
        type=entry.event,
        actor=entry.actor,
        at=entry.at,
        data=plain,
        raw_at=entry.raw_at,
        comment=entry.comment,
        fingerprint=entry.fingerprint,
    )
    draft.take(line, step.goes_to(draft.state), change, ops, terms)
    draft.attach(file_ids(situation.data))


def _ops(action: ClockAction, situation: Situation, opened_at: datetime) -> Iterable[Op]:
    """Return what a row's action does: to one clock, or to each it numbers."""
    counted_from = opened_at if action.since == "opened" or action.verb == "rebase" else None
    due = action.due(situation) if action.due else None
    if action.each is None:
        yield Op(
            verb=action.verb, clock=action.clock, since=counted_from, due=due, cause=action.because
        )
        return
    for number, date in action.each(situation).items():
        yield Op(
            verb=action.verb,
            clock=f"{action.clock}-{number}",
            since=counted_from,
            due=date,
            cause=action.because,
        )


def _plain(
    ports: Ports, draft: Draft, step: Step, situation: Situation
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """Return the data as the history keeps it, and what it keeps only a digest of.

    At birth that is the create body.
    """
    if situation.ticket is None:
        facts = _shape(draft.workflow.create).dump(situation.data.get("facts", {}))
        return _as_asked({**situation.data, "facts": facts}), None
    data: dict[str, Any] = dict(_shape(step.data).dump(situation.data)) if step.data else {}
    if not step.sealed:
        return data, None
    salt = ports.ids.new(draft.now).hex
    hidden = {name: data.pop(name) for name in step.sealed if name in data}
    content = json.dumps([salt, hidden], ensure_ascii=False, sort_keys=True)
    data["sealed"] = hashlib.sha256(content.encode()).hexdigest()
    return data, {
        "event": situation.event, "actor": str(situation.actor.id), "salt": salt, "data": hidden,
    }  # fmt: skip


def _as_asked(data: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {k: v for k, v in data.items() if v not in (None, [], {})}
    return {k: stamp(v) if isinstance(v, datetime) else v for k, v in kept.items()}

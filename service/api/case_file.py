"""`…/dispute-cases/{id}/case-file`: the table of contents, and the file for printing (S-51, S-58).

Whoever sees the case sees its file. Names and phones are masked, except for mediators and
officers, whose look is logged before anything is shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from service.api import answers, case_items, case_pages, people_in
from service.api.case_material import Material, by_time
from service.api.case_pages import Book, Line, Part
from service.api.ticket_paths import READ, require_seen
from service.api.ticket_shape import location
from service.commands.audit_access import note_people
from service.core.actors import Role
from service.core.errors import NotFound
from service.core.messages import text
from service.core.workflow import Workflow
from service.edge import masking
from service.edge.refusals import NotAcceptable
from service.edge.routes import Answer, Call, Route
from service.store import event, ticket
from service.store.queries import case_names, ticket_parts
from service.store.queries.case_names import Named
from service.store.rows import as_uuid
from service.store.unit_of_work import Tx
from service.workflows import REGISTRY
from service.workflows.case_file import Item, contents, lacking

Row = Mapping[str, Any]

KIND: Final = "dispute_case"
HTML: Final = "text/html"
NAMED_TO: Final = frozenset(
    {Role.MEDIATOR, Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER}
)
"""Who works with the paper file and is shown full names, logged."""

_MOST_FILES = 10_000
_HEADS = ("col_n", "col_title", "col_need", "col_status", "col_page")


def read_contents(call: Call) -> Answer:
    """Answer the table of contents with its live completeness."""
    with call.ports.uow() as tx:
        row = _seen(tx, call)
        override = row["facts"].get("close_override")
        named = _named(tx, {"account": [override["by"]]}) if override else {}
    missing = lacking(row["facts"], row["state"])
    body = {
        "number": row["number"],
        "items": [_item(call, item) for item in contents(row["facts"], row["state"])],
        "complete": not missing,
        "missing": list(missing),
        "override": override and {**override, "by": _by(named, override)},
        "print": f"{location(call.ports, row)}/case-file/print",
    }
    return Answer(200, body)


def _item(call: Call, item: Item) -> Row:
    return {
        "n": item.n,
        "code": item.code,
        "title": text(f"case_file.{item.code}", call.lang),
        "required": item.required,
        "present": item.present,
        "sources": list(item.sources),
    }


def _by(named: Mapping[tuple[str, str], Named], override: Row) -> Row | None:
    found = named.get(("account", override["by"]))
    return found and {"role": found.role, "name": found.name}


def print_file(call: Call) -> Answer:
    """Answer the whole file as one document for printing. Raises NotAcceptable."""
    _require_html(call)
    full = call.actor.role in NAMED_TO
    with call.ports.uow() as tx:
        row = _seen(tx, call)
        material, subjects = _material(tx, call, row, full=full)
    if full:
        note_people(
            call.ports, actor=call.actor, request_id=call.request_id, ticket=row["id"],
            subjects=subjects,
        )  # fmt: skip
    headers = {
        "Content-Security-Policy": case_pages.POLICY,
        "Content-Language": call.lang,
        "Vary": "Accept-Language, Authorization",
        "Cache-Control": "private, no-store",
    }
    return Answer(200, case_pages.written(_book(call, material)), headers, HTML)


def _require_html(call: Call) -> None:
    sent = call.headers.get("Accept") or "*/*"
    wanted = {part.partition(";")[0].strip().lower() for part in sent.split(",")}
    if not wanted & {HTML, "text/*", "*/*"}:
        raise NotAcceptable((HTML,))


def _seen(tx: Tx, call: Call) -> Row:
    row = ticket.read(tx, kind=KIND, ref=call.path["id"], actor=call.actor)
    if row is None:
        raise NotFound
    return row


def _material(tx: Tx, call: Call, row: Row, *, full: bool) -> tuple[Material, set[UUID]]:
    """Return what the file is made of, and whose names and phones it shows."""
    people = people_in.named(tx, [row["facts"]])
    named = _named(tx, _mentioned(row["facts"]))
    residents = {ident for (noun, ident), one in named.items() if one.role == Role.RESIDENT}
    files = ticket_parts.files(tx, row["id"], after=None, limit=_MOST_FILES)
    material = Material(
        lang=call.lang,
        row=row,
        people={str(ident): _person(one, full=full) for ident, one in people.items()},
        named={
            key: one.name if full or key[1] not in residents else masking.name(one.name) or ""
            for key, one in named.items()
        },
        files={str(one["id"]): one for one in files},
        events=by_time(event.history(tx, row["id"])),
    )
    return material, {*people, *map(UUID, residents)}


def _person(known: Row, *, full: bool) -> Row:
    if full:
        return known
    return {"name": masking.name(known["name"]), "phone": masking.phone(known["phone"])}


def _mentioned(facts: Row) -> Mapping[str, Iterable[str]]:
    """Return the ids of everybody and everything that the file names, by noun."""
    parties = facts.get("parties") or ()
    signed = (facts.get("agreement") or {}).get("mediator_signed") or {}
    accounts = [party.get("account") for party in parties]
    accounts += [one.get("account") for one in (*facts.get("mediators", ()), signed)]
    accounts.append((facts.get("close_override") or {}).get("by"))
    return {
        "account": [ident for ident in accounts if ident],
        "vendor": [party["vendor"] for party in parties if party.get("vendor")],
        "place": [party["place"] for party in parties if party.get("place")],
    }


def _named(tx: Tx, mentioned: Mapping[str, Iterable[str]]) -> Mapping[tuple[str, str], Named]:
    accounts = (as_uuid(ident) for ident in mentioned.get("account", ()))
    return case_names.names(
        tx,
        vendors=mentioned.get("vendor", ()),
        places=mentioned.get("place", ()),
        accounts=[ident for ident in accounts if ident is not None],
    )


def _book(call: Call, m: Material) -> Book:
    items = contents(m.facts, m.row["state"])
    return Book(
        lang=m.lang,
        title=f"{m.row['number']} {m.say('bundle')}",
        cover=list(_cover(call, m)),
        contents=m.say("contents"),
        heads=[m.say(head) for head in _HEADS],
        parts=[_part(m, item) for item in items],
        page_of=text("bundle.page", m.lang),
    )


def _part(m: Material, item: Item) -> Part:
    lack = item.required and not item.present
    status = "present" if item.present else "lacking" if lack else "nothing"
    return Part(
        n=item.n,
        title=m.word("case_file", item.code),
        need=m.say("must" if item.required else "on_demand"),
        status=m.say(status),
        lacking=lack,
        lines=case_items.lines(m, item.code) if item.present else (),
    )


def _cover(call: Call, m: Material) -> Iterator[Line]:
    """Yield what the first page says."""
    category = call.ports.catalogue.get(m.row["category"])
    kind = category.labels[m.lang] if category else m.row["category"]
    yield Line("h1", m.say("bundle"))
    yield Line("p", "")
    yield from m.pair("number", m.row["number"])
    yield from m.pair("file_no", m.facts.get("file_no"))
    yield from m.pair("title", m.row["title"])
    yield from m.pair("kind", kind)
    yield from m.pair("place", m.row["place_name"])
    for side in ("applicant", "respondent"):
        own = (m.name_of(party) for party in m.case.parties if party["side"] == side)
        yield from m.pair(f"{side}s", "、".join(own))
    yield from m.pair("body", m.word("tier", m.case.tier))
    if m.case.class_:
        grades = (m.word("case_class", m.case.class_), m.word("risk_grade", m.case.grade))
        yield from m.pair("grade", " · ".join(grades))
    yield from m.pair("mediators", "、".join(_mediator(m, one) for one in m.case.mediators))
    yield from m.at("filed", m.facts.get("filed_at") or m.row["opened_at"])
    yield from m.at("closed", m.row["closed_at"])
    yield from m.pair("state", m.word(f"state.{KIND}", m.row["state"]))
    yield Line("p", "")
    yield from _verdict(m)


def _mediator(m: Material, one: Row) -> str:
    name = m.named.get(("account", one["account"]), "")
    return f"{name} ({m.say('lead')})" if one["lead"] else name


def _verdict(m: Material) -> Iterator[Line]:
    """Yield whether the file is complete, and why it was closed when it was not (S-51)."""
    missing = lacking(m.facts, m.row["state"])
    words = "、".join(m.word("case_file", code) for code in missing)
    yield Line("h3", m.say("incomplete", items=words) if missing else m.say("complete"))
    override = m.facts.get("close_override")
    if override:
        who = m.named.get(("account", override["by"]), "")
        at, reason = m.time(override["at"]), override["reason"]
        yield Line("p", m.say("override", who=who, at=at, reason=reason))


def _routes(workflow: Workflow) -> Iterator[Route]:
    path = f"/v1/{workflow.collection}/{{id}}/case-file"
    shared: dict[str, Any] = {
        "method": "GET", "policy": READ, "tag": workflow.collection, "kind": workflow.kind,
        "visible": require_seen,
    }  # fmt: skip
    yield Route(
        path=path, handler=read_contents, summary="Contents of a case's file",
        answers={200: answers.CASE_FILE}, **shared,
    )  # fmt: skip
    yield Route(
        path=f"{path}/print", handler=print_file, summary="A case's file for printing", **shared
    )


ROUTES: tuple[Route, ...] = tuple(
    route for workflow in REGISTRY if workflow.kind == KIND for route in _routes(workflow)
)

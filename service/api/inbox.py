"""`/v1/inbox`: what the caller was told of, in the caller's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from service.api import pages
from service.api.answers import INBOX_ENTRY
from service.api.schemas import page_of
from service.commands.inbox import acknowledge
from service.core.errors import InvalidCursor, NotFound
from service.core.messages import clock_label, text
from service.edge.reading import Switch
from service.edge.routes import ANY, Answer, Call, Policy, Route
from service.sla.notation import iso
from service.store.queries import inbox
from service.store.queries.inbox import Asked
from service.store.rows import as_uuid

_OWN = Policy(ANY)
_RUNGS = {"sla.warned": "warned", "sla.breached": "breached", "sla.escalated": "escalated"}


class InboxQuery(pages.PageQuery):
    """Filters of the list."""

    unacknowledged = Switch(load_default=False)


def words(row: Mapping[str, Any], lang: str) -> str:
    """Return one sentence: which ticket, and what happened to it; or what the subject is."""
    if row["subject"] is not None:
        return text(f"notice.{row['topic']}", lang, **_told_of(row["subject"], lang))
    return " · ".join(part for part in (row["number"], *_what(row, lang)) if part)


def _what(row: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    kind, topic = row["topic_kind"], row["topic"]
    if topic in _RUNGS:
        level = f" {row['level']}" if (row["level"] or 0) > 0 else ""
        return clock_label(row["clock"], lang), text(f"rung.{_RUNGS[topic]}", lang) + level
    short = topic.removeprefix(f"{kind}.")
    codes = (f"notice.{kind}.{short}", f"notice.{topic}", f"event.{kind}.{row['event']}")
    found = (text(code, lang) for code in codes if text(code, lang) != code)
    return (next(found, topic),)


def _told_of(subject: Mapping[str, Any], lang: str) -> Mapping[str, object]:
    """Return what a sentence says of a subject: a rate, or names and days as they are."""
    if "revisited" in subject:
        return _figures(subject)
    held = subject.get("trade")
    return subject if held is None else {**subject, "trade": text(f"certificate.{held}", lang)}


def _figures(subject: Mapping[str, Any]) -> Mapping[str, object]:
    """Return a revisit rate for a sentence, rounded down: what is too low must look so."""
    parties = (subject["compound"], subject["vendor"])
    permille = 1000 * subject["revisited"] // subject["closed"]
    return {
        "contract": " · ".join(party["name"] for party in parties if party is not None),
        "month": subject["month"],
        "revisited": subject["revisited"],
        "closed": subject["closed"],
        "rate": f"{permille / 10:.1f}",
        "ratio": f"{subject['ratio'] * 100:g}",
    }


def show(lang: str) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """Return how an entry is shown in a language."""

    def shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
        ticket = None
        if row["ticket_id"] is not None:
            ticket = {"id": row["ticket_id"], "number": row["number"], "kind": row["kind"]}
        about = {"clock": row["clock"], "level": row["level"]} if row["clock"] else {}
        if row["subject"] is not None:
            about["subject"] = row["subject"]
        return {
            "id": row["id"],
            "topic": row["topic"],
            "ticket": ticket,
            **about,
            "text": words(row, lang),
            "at": row["at"],
            "acknowledged_at": row["acknowledged_at"],
        }

    return shown


def list_inbox(call: Call) -> Answer:
    """Answer one page, newest first."""
    query = call.query
    asked = Asked(
        after=_after(pages.position(call)),
        unacknowledged=query["unacknowledged"],
        limit=query["limit"] + 1,
    )
    with call.ports.uow() as tx:
        rows = inbox.page(tx, call.actor, asked)
        counted = None
        if "count" in query:
            counted = inbox.total(tx, call.actor, unacknowledged=asked.unacknowledged)
    return pages.answer(
        call,
        rows,
        show=show(call.lang),
        at=lambda row: [iso(row["at"]), str(row["id"])],
        total=counted,
    )


def _after(position: Any) -> tuple[datetime, UUID] | None:
    if position is None:
        return None
    ident = as_uuid(position[1])
    if ident is None:
        raise InvalidCursor
    return datetime.fromisoformat(position[0]), ident


def post_acknowledge(call: Call) -> Answer:
    """Take notice of one entry."""
    ident = as_uuid(call.path["id"])
    if ident is None:
        raise NotFound
    return Answer(200, show(call.lang)(acknowledge(call.ports, ident, actor=call.actor)))


ROUTES = (
    Route(method="GET", path="/v1/inbox", policy=_OWN, handler=list_inbox, tag="inbox",
          summary="What I was told of", query=InboxQuery, answers={200: page_of(INBOX_ENTRY)}),
    Route(method="POST", path="/v1/inbox/{id}/acknowledge", policy=_OWN,
          handler=post_acknowledge, tag="inbox", summary="Take notice of an entry",
          answers={200: INBOX_ENTRY}),
)  # fmt: skip

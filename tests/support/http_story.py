"""Tells the same stories as `AnyStory` with nothing but the public API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from service.core.workflow import Workflow
from tests.support.http import Http

Body = Mapping[str, Any]


@dataclass
class HttpStory:
    """What callers tell: each verb is one request. `ticket` is the one last opened.

    The clock, the sweep and the follow-ups are the house's own: see `http.story`.
    """

    http: Http
    ticket: dict[str, Any] = field(default_factory=dict)

    def open(self, kind: str, by: str, /, **members: Any) -> Body:
        """Open a ticket and speak of it from now on; return it."""
        answer = self.try_open(kind, by, **members)
        assert answer.status_code == 201, answer.text
        self.ticket = answer.get_json()
        return self.ticket

    def try_open(self, kind: str, by: str, /, **members: Any) -> TestResponse:
        """Ask for a ticket; `members` are those of the create body."""
        catalogue = self.http.story.ports.catalogue.of(kind)
        body: dict[str, Any] = {
            "place": "h-2-101",
            "category": catalogue.codes[0],
            "title": kind,
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "desk"},
            "facts": {},
        } | members
        return self.http.post(f"/v1/{self._workflow(kind).collection}", body, by)

    def fire(self, event: str, by: str, /, data: Body | None = None, **more: Any) -> Body:
        """Take an event; return the answer: event, ticket, clocks."""
        answer = self.try_fire(event, by, data, **more)
        assert answer.status_code == 201, f"{event} by {by}: {answer.text}"
        body: dict[str, Any] = answer.get_json()
        if body["ticket"]["id"] == self.ticket.get("id"):
            self.ticket = body["ticket"]
        return body

    def try_fire(
        self, event: str, by: str, /, data: Body | None = None, *,
        ticket: Body | None = None, **members: Any,
    ) -> TestResponse:  # fmt: skip
        """Ask for an event, of another ticket if one is named."""
        body = {"type": event, "data": data or {}, **members}
        return self.http.post(f"{self.path(ticket)}/events", body, by)

    def reasons(self, event: str, by: str, /, data: Body | None = None, **more: Any) -> set[str]:
        """Return the codes for which an event is refused by its guards."""
        answer = self.try_fire(event, by, data, **more)
        assert answer.status_code == 409, answer.text
        return {reason["code"] for reason in answer.get_json().get("reasons", ())}

    def available(self, by: str, ticket: Body | None = None) -> set[str]:
        """Return the events that somebody may fire now."""
        found = self.read("available-events", by, ticket)["data"]
        return {event["type"] for event in found if event["enabled"]}

    def read(self, what: str, by: str, ticket: Body | None = None) -> Body:
        """Return a resource of the ticket: `parties`, `notes?limit=5`; "" is the ticket."""
        path = f"{self.path(ticket)}/{what}" if what else self.path(ticket)
        answer = self.http.get(path, by)
        assert answer.status_code == 200, answer.text
        body: Body = answer.get_json()
        return body

    def state(self, by: str = "admin", ticket: Body | None = None) -> str:
        """Return the state of the ticket as somebody sees it now."""
        return str(self.read("", by, ticket)["state"])

    def note(self, by: str, words: str, /, **members: Any) -> TestResponse:
        """Add a note."""
        return self.http.post(f"{self.path()}/notes", {"text": words, **members}, by)

    def path(self, ticket: Body | None = None) -> str:
        """Return the address of a ticket."""
        meant = ticket or self.ticket
        return f"/v1/{self._workflow(meant['kind']).collection}/{meant['id']}"

    def _workflow(self, kind: str) -> Workflow:
        return self.http.story.ports.registry[kind]

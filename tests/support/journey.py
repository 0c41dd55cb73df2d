"""Journeys over HTTP in a world that commits, where a real worker and ticker do the rest."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from service.store.audit.walk import Verifier
from tests.support.http import http_on
from tests.support.http_story import Body, HttpStory
from tests.support.live import Live, living
from tests.support.parts import parts_of
from tests.support.servers import Database
from tests.support.waiting import eventually

_LEFT = """
SELECT EXISTS (SELECT FROM clock WHERE next_at <= app_now() AND parked_at IS NULL)
    OR EXISTS (SELECT FROM outbox WHERE (sent_at IS NULL AND dead_at IS NULL) OR feeds)
    OR EXISTS (SELECT FROM delivery WHERE channel = 'reaction' AND sent_at IS NULL
                  AND superseded_at IS NULL AND dead_at IS NULL)"""
_GIVEN_UP = """
SELECT body->>'topic', last_error FROM delivery WHERE dead_at IS NOT NULL
UNION ALL SELECT topic, last_error FROM outbox WHERE dead_at IS NOT NULL"""
_MARKS = frozenset({"clock_warned", "clock_breached", "escalated", "clock_corrected"})


@dataclass
class Journey(HttpStory):
    """What people do over the API; what the service does, its own processes do.

    Each event waits until everything that follows from it was done.
    """

    live: Live = field(kw_only=True)

    @property
    def now(self) -> datetime:
        """The simulated time, which stands still between two moves."""
        return self.live.story.now

    def pass_time(self, **delta: float) -> "Journey":
        """Move the clock on and wait until what fell due was fired, told and followed up."""
        self.live.story.advance(**delta)
        return self.settle()

    def until(self, moment: datetime) -> "Journey":
        """Move the clock to a moment, and wait as `pass_time` does."""
        self.live.story.at(moment)
        return self.settle()

    def settle(self) -> "Journey":
        """Wait until nothing is due and nothing waits."""
        eventually(lambda: not self.live.value(_LEFT), within_s=60.0)
        return self

    def after(self, **delta: float) -> str:
        """Return a time from now on, as data names it."""
        return self.live.story.after(**delta)

    def account(self, name: str) -> str:
        """Return somebody's account id."""
        return self.live.story.account(name)

    def photo(self, by: str) -> str:
        """Return the id of a picture that somebody uploaded."""
        return self.live.story.photo(by)

    # ── what is to be seen ──

    def history(self, ticket: Body | None = None, *, marks: bool = False) -> list[str]:
        """Return the event types of a ticket, oldest first; SLA marks only when asked for."""
        found = self.read("events?limit=200", "admin", ticket)["data"]
        return [line["type"] for line in found if marks or line["type"] not in _MARKS]

    def clock(self, name: str, ticket: Body | None = None) -> Body:
        """Return the newest epoch of a clock."""
        found: list[Body] = self.read("clocks", "admin", ticket)["data"]
        return max((c for c in found if c["clock"] == name), key=lambda c: int(c["epoch"]))

    def due(self, name: str, ticket: Body | None = None) -> datetime:
        """Return when a clock falls or fell due."""
        return datetime.fromisoformat(self.clock(name, ticket)["due_at"])

    def told(self, who: str) -> set[tuple[str, int]]:
        """Return (clock, level) of what somebody's inbox says about the ticket's clocks."""
        return {(e["clock"], e["level"]) for e in self._entries(who) if "clock" in e}

    def heard(self, who: str) -> set[str]:
        """Return the topics of what somebody's inbox says about the ticket beside its clocks."""
        return {e["topic"] for e in self._entries(who) if "clock" not in e}

    def _entries(self, who: str) -> list[Body]:
        answer = self.http.get("/v1/inbox?limit=200", who)
        assert answer.status_code == 200, answer.text
        return [
            entry
            for entry in answer.get_json()["data"]
            if entry["ticket"] is not None and entry["ticket"]["id"] == self.ticket["id"]
        ]

    def sees(self, *people: str, ticket: Body | None = None) -> set[str]:
        """Return who of these people sees the ticket."""
        found = {who: self.http.get(self.path(ticket), who).status_code for who in people}
        assert set(found.values()) <= {200, 404}
        return {who for who, status in found.items() if status == 200}

    def effects(self, ticket: Body | None = None) -> list[tuple[str, Body]]:
        """Return (relation, ticket) of what a ticket led to; each shows the way back."""
        meant = ticket or self.ticket
        found = self._related("caused", meant)
        for relation, effect in found:
            back = [(r, t["id"]) for r, t in self._related("caused_by", effect)]
            assert (relation, meant["id"]) in back, f"{effect['number']} does not name its cause"
        return found

    def effect(self, kind: str, ticket: Body | None = None) -> Body:
        """Return the newest ticket of a kind that a ticket led to."""
        found = [one for _, one in self.effects(ticket) if one["kind"] == kind]
        assert found, f"no {kind} follows; given up: {self.live.rows(_GIVEN_UP)}"
        return found[-1]

    def _related(self, side: str, ticket: Body) -> list[tuple[str, Body]]:
        found = self.read("related", "admin", ticket)[side]
        return [(one["relation"], one["ticket"]) for one in found]

    # ── other doors ──

    def link(self, by: str, party: int) -> "Link":
        """Hand out a link to a party of the ticket."""
        made = self.http.post(f"{self.path()}/links", {"party": party}, by)
        assert made.status_code == 201, made.text
        return Link(self, f"/v1/track/{made.get_json()['token']}")

    def resource(self, path: str, who: str) -> Any:
        """Return what somebody reads at an address."""
        answer = self.http.get(path, who)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    # ── the end ──

    def verified(self) -> None:
        """Let the verifier walk every history; nothing is left to do, nothing was given up."""
        self.settle()
        ports = self.live.app.ports
        verdict = Verifier(ports.uow, ports.registry, ports.calendars, drained=True).verify()
        assert verdict.findings == ()
        assert verdict.tickets > 0
        assert self.live.rows(_GIVEN_UP) == []


@dataclass(frozen=True)
class Link:
    """What the holder of a link does; nobody knows more of them."""

    journey: Journey
    path: str

    def read(self) -> Mapping[str, Any]:
        """Return what the link shows."""
        answer = self.journey.http.get(self.path, None)
        assert answer.status_code == 200, answer.text
        found: Mapping[str, Any] = answer.get_json()
        return found

    def fire(self, event: str, data: Body | None = None) -> None:
        """Take an event by the link."""
        body = {"type": event, "data": data or {}}
        answer = self.journey.http.post(f"{self.path}/events", body, None)
        assert answer.status_code == 201, answer.text


@contextmanager
def journey_in(database: Database, redis_url: str, folder: Path) -> Iterator[Journey]:
    """Build the house in an empty database, with a worker and a ticker of its own."""
    with living(database, redis_url) as live, parts_of(database, redis_url, folder) as parts:
        parts.start("worker")
        parts.start("ticker")
        yield Journey(http_on(live.story), live=live)

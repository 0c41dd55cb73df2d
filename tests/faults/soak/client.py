"""A client: one thread, one account, its own dice and journal; it acts until told to stop."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from tests.faults.checker import canary
from tests.faults.journal import OPEN, Call
from tests.faults.soak import event_data
from tests.faults.soak.event_data import Moment
from tests.faults.soak.people import EAGERNESS, Client
from tests.faults.soak.wire import Wire
from tests.faults.soak.world import Person, World

_HOME = "/v1/repair-orders"
_SHOWN = "id,number,state,version,title,place,category,urgency,opened_at"
_TRIES = 25
_CUT = 0.02
_ALONE = 6  # one order in so many is left to its clocks
_SYSTEM = ("clock_breached", "escalated", "auto_confirm", "pass_over", "absorb", "revisit_draw")


@dataclass
class Shared:
    """What clients tell each other: ids and links that somebody saw. `rest_s` is the mean rest."""

    rest_s: float
    stopping: threading.Event = field(default_factory=threading.Event)
    ids: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    def some_id(self, rng: Random) -> str | None:
        """Return the id of any order, mostly one that the asker must not see."""
        return rng.choice(self.ids) if self.ids else None


@dataclass
class Player:
    """Plays one client. `act` does one thing; `run` goes on until everybody stops."""

    client: Client
    person: Person
    world: World
    wire: Wire
    rng: Random
    shared: Shared
    turns: int = 0

    def run(self) -> None:
        """Act and rest until told to stop; what was begun is finished."""
        while not self.shared.stopping.is_set():
            self.act()
            rest = self.rng.expovariate(1 / (self.shared.rest_s * self.client.pace))
            self.shared.stopping.wait(min(rest, 5 * self.shared.rest_s))
        self.wire.close()

    def act(self) -> None:
        """Do one thing, by the dice."""
        acts = self._acts()
        chosen = self.rng.choices([a for a, _ in acts], [weight for _, weight in acts])[0]
        self.turns += 1
        chosen()

    def _acts(self) -> Sequence[tuple[Callable[[], object], float]]:
        return (
            (self.open, 1.0 if self.client.opens_at else 0.0),
            (self.move, 6.0),
            (self.look, 1.0),
            (self.trespass, 0.7),
            (self.misfire, 0.7),
            (self.correct, 0.7),
            (self.note, 0.5),
            (self.link, 0.3 if self.client.person == "dispatcher" else 0.0),
        )

    # ── writing ──

    def open(self) -> None:
        """Open an order, with an id of its own, a key, or both."""
        place = self.rng.choice(self.client.opens_at)
        body = event_data.order(self.rng, place, self.world.paths[place], self.turns)
        about: dict[str, Any] = {"asks": OPEN}
        how = self.rng.choice(("id", "key", "both"))
        if how != "key":
            body["id"] = about["ticket"] = self.uuid()
        if how != "id":
            about["key"] = self.uuid()
        call = self.insist("POST", _HOME, body, **about)
        if call.outcome == "ok" and isinstance(call.body, dict):
            self.shared.ids.append(call.body["id"])

    def move(self) -> None:
        """Take an order of one's own a step on."""
        ticket = self.pick()
        if ticket is None:
            return
        answer = self.wire.get(f"{_HOME}/{ticket['id']}/available-events")
        if answer.status != 200:
            return
        offered = [event["type"] for event in answer.body["data"] if event["enabled"]]
        if offered:
            weights = [EAGERNESS.get(name, 1.0) for name in offered]
            self.fire(ticket, self.rng.choices(offered, weights)[0])

    def fire(self, ticket: Mapping[str, Any], event: str) -> None:
        """Send an event, and now and then send it once more when it is done."""
        moment = Moment(self.rng, self.person, ticket, self.wire.now)
        body = {"type": event, "data": event_data.data_for(event, moment)}
        about: dict[str, Any] = {"asks": event, "ticket": ticket["id"]}
        if self.rng.random() < 0.9:
            body["id"] = about["event_id"] = self.uuid()
        if "id" not in body or self.rng.random() < 0.3:
            about["key"] = self.uuid()
        if self.rng.random() < 0.3:
            about["match"] = ticket["version"]
        path = f"{_HOME}/{ticket['id']}/events"
        call = self.insist("POST", path, body, **about)
        if call.outcome == "ok" and self.rng.random() < 0.05:
            self.wire.call("POST", path, body, **about)
            if "key" not in about:  # the same id with other content must be refused
                self.wire.call("POST", path, {**body, "comment": "other"}, **about)

    def correct(self) -> None:
        """Patch an order."""
        ticket = self.pick()
        if ticket is None:
            return
        stale = self.rng.random() < 0.2
        patch = {"title": f"{canary(ticket['place']['path'])} {self.turns}"}
        self.insist(
            "PATCH", f"{_HOME}/{ticket['id']}", patch, asks="amend", ticket=ticket["id"],
            key=self.uuid(), match=max(1, ticket["version"] - stale),
        )  # fmt: skip

    def note(self) -> None:
        """Write a note."""
        ticket = self.pick()
        if ticket is not None:
            words = canary(ticket["place"]["path"])
            self.insist(
                "POST", f"{_HOME}/{ticket['id']}/notes", {"text": f"{words} {self.turns}"},
                asks="add_note", ticket=ticket["id"], key=self.uuid(),
            )  # fmt: skip

    def link(self) -> None:
        """Make a link for a resident."""
        ticket = self.pick("awaiting_confirmation,awaiting_resident,closed")
        if ticket is not None:
            call = self.insist("POST", f"{_HOME}/{ticket['id']}/links", {}, ticket=ticket["id"])
            if call.outcome == "ok" and isinstance(call.body, dict):
                self.shared.links.append((ticket["id"], call.body["token"]))

    # ── what must be refused ──

    def misfire(self) -> None:
        """Send what the rules forbid: the wrong moment, a system's event, nonsense."""
        ticket = self.pick()
        if ticket is None:
            return
        event = self.rng.choice((*_SYSTEM, *EAGERNESS))
        moment = Moment(self.rng, self.person, ticket, self.wire.now)
        sound = self.rng.random() < 0.8
        body: dict[str, Any] = {
            "type": event,
            "id": self.uuid(),
            "data": event_data.data_for(event, moment) if sound else {"nonsense": True},
        }
        self.insist(
            "POST", f"{_HOME}/{ticket['id']}/events", body, asks=event, ticket=ticket["id"],
            event_id=body["id"],
        )  # fmt: skip

    def trespass(self) -> None:
        """Look at, or move, an order by an id that somebody else saw."""
        ident = self.shared.some_id(self.rng)
        if ident is None:
            return
        if self.rng.random() < 0.7:
            below = self.rng.choice(("", "/events", "/clocks", "/available-events", "/notes"))
            self.wire.get(f"{_HOME}/{ident}{below}")
            return
        event = self.rng.choice(("cancel", "take", "confirm", "reopen", "assign"))
        place = {"path": self.person.place_path}
        ticket = {"id": ident, "place": place, "version": 1, "opened_at": ""}
        self.fire(ticket, event)

    # ── reading ──

    def look(self) -> None:
        """Read something that the role may read."""
        paths = (
            f"/v1/tickets?limit=5&sort={self.rng.choice(('-opened_at', 'next_due_at'))}",
            "/v1/inbox?limit=5",
            "/v1/me",
            f"{_HOME}?limit=5&q=canary&count=exact",
            f"{_HOME}?limit=3&include=clocks,crew&place=pine",
        )
        self.wire.get(self.rng.choice(paths))

    def pick(self, states: str = "") -> Mapping[str, Any] | None:
        """Return an order of one's own that has something to do; None when there is none."""
        sort = self.rng.choice(("-opened_at", "next_due_at", "-priority"))
        wanted = f"&state={states or self.client.states}" if self.client.states else ""
        answer = self.wire.get(f"{_HOME}?limit=6&fields={_SHOWN}&sort={sort}{wanted}")
        if answer.status != 200:
            return None
        found = [row for row in answer.body["data"] if UUID(row["id"]).int % _ALONE]
        return self.rng.choice(found) if found else None

    # ── means ──

    def insist(self, method: str, path: str, body: Any, **about: Any) -> Call:
        """Send the very same call until it is answered for certain, or hope is gone."""
        cut = self.rng.random() < _CUT
        call = self.wire.call(method, path, body, cut=cut, **about)
        for _ in range(_TRIES):
            if not _again(call):
                break
            threading.Event().wait(0.1 + 0.4 * self.rng.random())
            call = self.wire.call(method, path, body, **about)
        return call

    def uuid(self) -> str:
        """Return a fresh id from the client's own dice."""
        return str(UUID(int=self.rng.getrandbits(128), version=4))


def _again(call: Call) -> bool:
    """Tell whether a call is to be repeated: nobody knows, or it can be hoped for."""
    waits = call.status == 503 or call.problem == "idempotency-in-progress"
    return call.outcome == "unknown" or waits


class LinkHolder(Player):
    """A resident without an account: confirms, or refuses to, by link."""

    def act(self) -> None:
        """Follow a link and do what it offers."""
        self.turns += 1
        if not self.shared.links:
            return
        ticket, token = self.rng.choice(self.shared.links)
        answer = self.wire.get(f"/v1/track/{token}")
        if answer.status != 200:
            return
        offered = [e["type"] for e in answer.body["available_events"]["data"] if e["enabled"]]
        event = self.rng.choice([*offered, "cancel"])
        moment = Moment(self.rng, self.person, answer.body["ticket"], self.wire.now)
        body: dict[str, Any] = {"type": event, "data": event_data.data_for(event, moment)}
        body["id"] = self.uuid()
        self.insist(
            "POST", f"/v1/track/{token}/events", body, asks=event, ticket=ticket,
            event_id=body["id"],
        )  # fmt: skip


class Reader(Player):
    """An integrator: reads the change feed from its beginning and must miss nothing."""

    after: int = 0

    def act(self) -> None:
        """Read the next page."""
        self.turns += 1
        answer = self.wire.get(f"/v1/changes?after={self.after}&limit=200")
        if answer.status == 200:
            self.shared.seen.extend(entry["seq"] for entry in answer.body["data"])
            self.after = answer.body["next_after"]

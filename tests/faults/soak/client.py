"""A client: one thread, one account, its own dice and journal; it acts until told to stop."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from service.api.tickets import birth
from service.workflows import REGISTRY
from tests.faults.checker import canary
from tests.faults.journal import Call
from tests.faults.soak import event_data, office_data
from tests.faults.soak.event_data import REPAIR
from tests.faults.soak.moment import Moment
from tests.faults.soak.people import EAGERNESS as OF_ORDERS
from tests.faults.soak.people import Client
from tests.faults.soak.wire import Wire
from tests.faults.soak.world import Person, World

_HOMES = {workflow.kind: f"/v1/{workflow.collection}" for workflow in REGISTRY}
_BIRTHS = {workflow.kind: birth(workflow) for workflow in REGISTRY}
_SHOWN = "id,number,kind,state,version,title,place,category,urgency,opened_at,facts"
EAGERNESS = {**office_data.EAGERNESS, **OF_ORDERS}
_TRIES = 25
_CUT = 0.02
_ALONE = 6  # one ticket in so many is left to its clocks
_SYSTEM = ("clock_breached", "escalated", "auto_confirm", "pass_over", "absorb", "revisit_draw",
           "expire", "tally", "hand_over", "cure_passed", "close", "join_cluster")  # fmt: skip


@dataclass
class Shared:
    """What clients tell each other: paths and links that somebody saw.

    `rest_s` is the mean rest.
    """

    rest_s: float
    stopping: threading.Event = field(default_factory=threading.Event)
    paths: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    def some_path(self, rng: Random) -> str | None:
        """Return the path of any ticket, often one that the asker must not see."""
        return rng.choice(self.paths) if self.paths else None


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
            (self.link, 0.3 if self.client.person in ("dispatcher", "mediator") else 0.0),
        )

    # ── writing ──

    def open(self) -> None:
        """Open a ticket, with an id of its own, a key, or both."""
        place, kind = self.rng.choice(self.client.opens_at), self.rng.choice(self.client.opens)
        path = self.world.paths[place]
        body = (event_data.order(self.rng, place, path, self.turns) if kind == REPAIR
                else office_data.body(kind, self.rng, place, path))  # fmt: skip
        about: dict[str, Any] = {"asks": _BIRTHS[kind]}
        how = self.rng.choice(("id", "key", "both"))
        if how != "key":
            body["id"] = about["ticket"] = self.uuid()
        if how != "id":
            about["key"] = self.uuid()
        call = self.insist("POST", _HOMES[kind], body, **about)
        if call.outcome == "ok" and isinstance(call.body, dict):
            self.shared.paths.append(f"{_HOMES[kind]}/{call.body['id']}")

    def move(self) -> None:
        """Take an order of one's own a step on."""
        ticket = self.pick()
        if ticket is None:
            return
        answer = self.wire.get(f"{path_of(ticket)}/available-events")
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
        path = f"{path_of(ticket)}/events"
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
            "PATCH", path_of(ticket), patch, asks="amend", ticket=ticket["id"],
            key=self.uuid(), match=max(1, ticket["version"] - stale),
        )  # fmt: skip

    def note(self) -> None:
        """Write a note; a mediator's is private, or shared with its body and a party."""
        ticket = self.pick()
        if ticket is not None:
            body: dict[str, Any] = {"text": f"{canary(ticket['place']['path'])} {self.turns}"}
            if ticket["kind"] == "dispute_case":
                levels = ({"level": "private"}, {"level": "shared", "party": 2})
                mediates = self.person.role == "mediator"
                body |= self.rng.choice(levels) if mediates else {"level": "recorded"}
            self.insist(
                "POST", f"{path_of(ticket)}/notes", body, asks="add_note", ticket=ticket["id"],
                key=self.uuid(),
            )  # fmt: skip

    def link(self) -> None:
        """Make a link for a resident, or for a party of a dispute."""
        ticket = self.pick("awaiting_confirmation,awaiting_resident,closed")
        if ticket is not None:
            body = {"party": self.rng.choice((1, 2))} if ticket["kind"] != REPAIR else {}
            call = self.insist(
                "POST", f"{path_of(ticket)}/links", body, asks="make_link", ticket=ticket["id"],
                key=self.uuid(),
            )  # fmt: skip
            # An answer told again leaves the token out.
            if call.outcome == "ok" and isinstance(call.body, dict) and "token" in call.body:
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
            "POST", f"{path_of(ticket)}/events", body, asks=event, ticket=ticket["id"],
            event_id=body["id"],
        )  # fmt: skip

    def trespass(self) -> None:
        """Look at, or move, a ticket by a path that somebody else saw."""
        path = self.shared.some_path(self.rng)
        if path is None:
            return
        if self.rng.random() < 0.7:
            below = self.rng.choice(("", "/events", "/clocks", "/available-events", "/notes"))
            self.wire.get(f"{path}{below}")
            return
        home, _, ident = path.rpartition("/")
        kind = next(kind for kind, known in _HOMES.items() if known == home)
        event = self.rng.choice(("cancel", "take", "confirm", "reopen", "assign", "withdraw"))
        place = {"path": self.person.place_path}
        ticket = {"id": ident, "kind": kind, "place": place, "version": 1, "opened_at": ""}
        self.fire(ticket, event)

    # ── reading ──

    def look(self) -> None:
        """Read something that the role may read."""
        paths = (
            f"/v1/tickets?limit=5&sort={self.rng.choice(('-opened_at', 'next_due_at'))}",
            "/v1/inbox?limit=5",
            "/v1/me",
            f"{_HOMES[REPAIR]}?limit=5&q=canary&count=exact",
            f"{_HOMES[REPAIR]}?limit=3&include=clocks,crew&place=pine",
            f"{self.shared.some_path(self.rng) or '/v1/me'}",
        )
        self.wire.get(self.rng.choice(paths))

    def pick(self, states: str = "") -> Mapping[str, Any] | None:
        """Return a ticket of one's own that has something to do; None when there is none."""
        kind = self.rng.choice(self.client.kinds)
        sort = self.rng.choice(("-opened_at", "next_due_at", "-priority"))
        wanted = f"&state={states or self.client.states}" if self.client.states else ""
        answer = self.wire.get(f"{_HOMES[kind]}?limit=6&fields={_SHOWN}&sort={sort}{wanted}")
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


def path_of(ticket: Mapping[str, Any]) -> str:
    """Return where a ticket is found."""
    return f"{_HOMES[ticket['kind']]}/{ticket['id']}"


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

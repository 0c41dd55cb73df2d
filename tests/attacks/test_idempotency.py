"""A36: what an Idempotency-Key and an event id may and may not do."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest

from tests.attacks.client import Caller, Got
from tests.attacks.conftest import Tally
from tests.attacks.plan import ORDER
from tests.attacks.world import World
from tests.support.repair_data import ACCEPT
from tests.support.waiting import eventually

LIST = "/v1/repair-orders"
CALLS, AT_ONCE = 200, 16


def _open(server: Caller, key: str, sent: str, **members: object) -> Got:
    return server.send("POST", LIST, key, json={**ORDER, **members},
                       headers={"Idempotency-Key": sent})  # fmt: skip


@pytest.mark.attack("A36")
def test_a_key_is_bound_to_its_content_its_caller_and_its_path(
    world: World, server: Caller, tally: Tally
) -> None:
    """A36: other body 422; another's equal key is independent; other paths too."""
    mine, other = world.key("dispatcher@own"), world.key("dispatcher@above")
    first, again = _open(server, mine, "bound"), _open(server, mine, "bound")
    changed = _open(server, mine, "bound", title="anders")
    theirs = _open(server, other, "bound")
    one = f"{LIST}/{first.json()['id']}"
    elsewhere = server.send("POST", f"{one}/notes", mine, json={"text": "x"},
                            headers={"Idempotency-Key": "bound"})  # fmt: skip

    assert (first.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (changed.status, changed.code) == (422, "idempotency-key-reused")
    assert (theirs.status, elsewhere.status) == (201, 201)
    assert theirs.json()["id"] != first.json()["id"]
    tally(5)


@pytest.mark.attack("A36")
@pytest.mark.parametrize("sent", ["", '""', " ", "a b", "x" * 256, '"' + "x" * 256 + '"', "a\tb",
                                  "ä", "\xa0"])  # fmt: skip
def test_a_malformed_key_is_refused(sent: str, world: World, server: Caller) -> None:
    """A36: 1 to 255 visible ASCII characters, else 422 and nothing is opened."""
    made = world.value("SELECT count(*) FROM ticket")

    got = _open(server, world.key("dispatcher@own"), sent)

    assert (got.status, got.faults) == (422, [("", "idempotency_key")])
    assert world.value("SELECT count(*) FROM ticket") == made


@pytest.mark.attack("A36")
def test_many_at_once_have_one_effect(world: World, server: Caller, tally: Tally) -> None:
    """A36: so many twins over real connections: one ticket, one answer, nothing but 201 and 409."""
    key, made = world.key("dispatcher@own"), world.value("SELECT count(*) FROM ticket")

    def send_many(_: int) -> list[Got]:
        client = Caller(server.port)
        try:
            return [_open(client, key, "at-once") for _ in range(CALLS // AT_ONCE)]
        finally:
            client.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [got for batch in pool.map(send_many, range(AT_ONCE)) for got in batch]

    found = Counter(got.status for got in answers)
    assert found.keys() <= {201, 409}, found
    assert len({got.body for got in answers if got.status == 201}) == 1
    assert sum(
        got.status == 201 and "Idempotent-Replayed" not in got.headers for got in answers
    ) == 1  # fmt: skip
    assert all(got.headers["Retry-After"] == "1" for got in answers if got.status == 409)
    assert world.value("SELECT count(*) FROM ticket") == made + 1
    tally(len(answers))


def _refused(note: Callable[[str], Got], name: str, refusal: tuple[int, str]) -> bool:
    got = note(name)
    return (got.status, got.code) == refusal


LOST = {
    "place": ("UPDATE account SET place_id = 'pine', place_path = p.path FROM place p"
              " WHERE p.id = 'pine' AND account.id = :id", (404, "not-found")),
    "scope": ("UPDATE api_key SET scopes = '{tickets:read}' WHERE account_id = :id",
              (403, "forbidden")),
    "account": ("UPDATE account SET active = false WHERE id = :id", (401, "unauthenticated")),
}  # fmt: skip


@pytest.mark.attack("A36", "A08")
def test_a_replay_is_for_those_who_still_may(world: World, server: Caller, tally: Tally) -> None:
    """A36: place, scope or account lost: the same key brings no old answer back."""
    path, sent = f"{LIST}/{world.tickets['accepted']}/notes", {"Idempotency-Key": "mine"}
    people = {name: world.newcomer(f"loses {name}") for name in LOST}

    def note(name: str) -> Got:
        return server.send("POST", path, people[name][0], json={"text": "x"}, headers=sent)

    for name, (statement, _) in LOST.items():
        first, again = note(name), note(name)
        assert (first.status, again.body) == (201, first.body)
        world.live.do(statement, id=people[name][1])

    for name, (_, refusal) in LOST.items():
        eventually(partial(_refused, note, name, refusal), 6.0)
    tally(3 * len(LOST))


@pytest.mark.attack("A36")
def test_an_event_id_is_used_once_for_ever(world: World, server: Caller, tally: Tally) -> None:
    """A36: the same id with other content, by another or on another ticket: 422, untold."""
    key = world.key("dispatcher@own")
    here, there = (f"{LIST}/{world.open()}/events" for _ in range(2))
    body = {"id": str(uuid4()), "type": "accept", "data": ACCEPT}
    first = server.send("POST", here, key, json=body)
    again = server.send("POST", here, key, json=body)
    assert (first.status, again.status, again.json()["outcome"]) == (201, 200, "duplicate")

    reused = (
        server.send("POST", there, key, json=body),
        server.send("POST", here, key, json={**body, "comment": "anders"}),
        server.send("POST", here, world.key("dispatcher@above"), json=body),
        server.send("POST", here, key, json={**body, "type": "cancel", "data": {"reason": "x"}}),
    )
    for got in reused:
        assert (got.status, got.code) == (422, "idempotency-key-reused"), got.body
    foreign = server.send("POST", here, world.key("dispatcher@district"), json=body)
    assert foreign.status == 404
    tally(7)

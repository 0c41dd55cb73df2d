"""A08, A10, A11: what a credential is worth once it is no more, and what none is worth."""

import base64
import pickle
from datetime import timedelta

import pytest

from service.core import keys
from tests.attacks.client import Caller
from tests.attacks.conftest import Tally
from tests.attacks.world import World
from tests.support.waiting import eventually

LIST = "/v1/repair-orders"
_BITES_WITHIN_S = 6.0  # five seconds (ARCHITECTURE 6), and one to ask


@pytest.mark.attack("A08", "A10")
def test_what_is_taken_away_is_gone_within_five_seconds(
    world: World, server: Caller, tally: Tally
) -> None:
    """A08, A10: key revoked, key expired, account closed, moved to another place or role."""
    at, north = world.live.story.now, world.live.story.actor("other_dispatcher")
    one = f"/v1/repair-orders/{world.tickets['assigned']}"
    hit = {}
    for name, table, change, want in (
        ("key revoked", "api_key", "revoked_at = :at", (401, "revoked")),
        ("key expired", "api_key", "expires_at = :at", (401, "expired")),
        ("account closed", "account", "active = false", (401, "revoked")),
        ("moved away", "account", "place_id = :place, place_path = :path", (404, "")),
        ("other role", "account", "role = 'mediator', tier = 1", (404, "")),
    ):
        text, ident = world.newcomer(name)
        assert server.send("GET", one, text).status == 200
        column = "id" if table == "account" else "account_id"
        world.live.do(
            f"UPDATE {table} SET {change} WHERE {column} = :id"
            .replace(":at", f"'{at.isoformat()}'").replace(":place", f"'{north.place_id}'")
            .replace(":path", f"'{north.place_path}'"), id=ident,
        )  # fmt: skip
        hit[name] = (text, want)

    def bitten() -> bool:
        found = {n: server.send("GET", one, text) for n, (text, _) in hit.items()}
        return all(
            (got.status, got.json().get("reason", "")) == hit[name][1]
            for name, got in found.items()
        )

    eventually(bitten, _BITES_WITHIN_S)
    tally(len(hit))


@pytest.mark.attack("A10")
def test_only_a_whole_known_key_opens(world: World, server: Caller, tally: Tally) -> None:
    """A10: revoked, expired, truncated, swapped, unknown keys are told why, all alike."""
    at = world.live.story.now
    good, other = world.key("dispatcher@own"), world.key("crew@own")
    swapped = good[:-6].replace(good[10:18], other[10:18])
    wrong = {
        world.fresh_key("dispatcher@own", revoked_at=at): "revoked",
        world.fresh_key("dispatcher@own", expires_at=at): "expired",
        world.fresh_key("dispatcher@own", expires_at=at - timedelta(days=1)): "expired",
        keys.mint().text: "unknown",
        swapped + keys.checksum(swapped): "unknown",
        good[:-1]: "malformed",
        good + "0": "malformed",
        good.upper(): "malformed",
        "anju_live_": "malformed",
        "null": "malformed",
    }
    for text, why in wrong.items():
        got = server.send("GET", LIST, text)
        assert (got.status, got.code, got.json()["reason"]) == (401, "unauthenticated", why), text
        assert got.headers["WWW-Authenticate"] == 'Bearer realm="anju"'
    tally(len(wrong))


@pytest.mark.attack("A10")
def test_a_links_end_is_the_end(world: World, server: Caller, tally: Tally) -> None:
    """A10: a withdrawn link answers 410 at every door; a link opens one ticket and no other."""
    key, ident = world.key("dispatcher@own"), world.open("assigned")
    made = server.send("POST", f"{LIST}/{ident}/links", key, json={}).json()
    door = f"/v1/track/{made['token']}"
    assert server.send("GET", door).status == 200
    refused = server.send("POST", f"{door}/events", json={"type": "cancel", "data": {}})
    assert (refused.status, refused.code) == (403, "forbidden-event")
    as_key = server.send("GET", f"{LIST}/{ident}", made["token"])
    assert as_key.status == 401
    assert server.send("DELETE", f"{LIST}/{ident}/links/{made['id']}", key).status == 204

    body = {"type": "confirm"}
    for got in (server.send("GET", door), server.send("POST", f"{door}/events", json=body)):
        assert (got.status, got.code) == (410, "link-revoked")
    tally(5)


FORM = "application/x-www-form-urlencoded"


@pytest.mark.attack("A11")
@pytest.mark.parametrize(
    ("media", "raw"),
    [(FORM, b"title=x"), ("text/plain", b'{"title":"x"}'), ("multipart/form-data; boundary=x",
     b"--x--"), ("application/yaml", b"title: x"), ("application/xml", b"<a/>"), ("", b"{}"),
     ("application/json; charset=utf-16", b"{}")],
)  # fmt: skip
def test_what_a_foreign_page_can_send_is_not_taken(
    media: str, raw: bytes, world: World, server: Caller
) -> None:
    """A11: forms and plain text are 415 even with a key; without one nothing is read at all."""
    headers = {"Origin": "null", "Content-Type": media} if media else {"Origin": "null"}

    with_key = server.send("POST", LIST, world.key("dispatcher@own"), raw=raw, headers=headers)
    without = server.send("POST", LIST, raw=raw, headers=headers)

    assert (with_key.status, with_key.code) == (415, "unsupported-media-type")
    assert (without.status, without.json()["reason"]) == (401, "missing")


@pytest.mark.attack("A11", "A48")
def test_no_cookie_and_no_override_is_a_credential(
    world: World, server: Caller, tally: Tally
) -> None:
    """A11, A48: cookies are neither set nor read, methods are what they are, no CORS."""
    key, one = world.key("dispatcher@own"), f"{LIST}/{world.tickets['submitted']}"
    evil = base64.b64encode(pickle.dumps({"role": "admin"})).decode()
    cookies = ("session=" + evil, f"session={key}", f"Authorization=Bearer {key}", "session=.e.e")
    for cookie in cookies:
        got = server.send("GET", LIST, headers={"Cookie": cookie})
        assert (got.status, got.json()["reason"]) == (401, "missing")
    for query in (f"api_key={key}", f"access_token={key}"):
        assert server.send("GET", f"{LIST}?{query}").status == 401
    before = world.value("SELECT count(*) FROM ticket")
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        got = server.send("GET", one, key, headers={header: "DELETE"})
        assert got.status == 200
        assert server.send("GET", LIST, key, headers={header: "POST"}).status == 200
    for origin in ("null", "https://evil.example", "http://127.0.0.1.evil.example"):
        got = server.send("GET", one, key, headers={"Origin": origin})
        named = {name.lower() for name in got.headers}
        assert not named & {"access-control-allow-origin", "set-cookie"}, origin
        assert server.send("OPTIONS", one, key, headers={"Origin": origin}).status == 405
    assert server.send("DELETE", one, key).status == 405
    assert world.value("SELECT count(*) FROM ticket") == before
    tally(len(cookies) + 15)

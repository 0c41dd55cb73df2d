"""A30 (and the part of A29 and A34 it rests on): who guesses is told to wait, nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config.settings import BadSetting, load_settings
from service.core import keys
from service.edge.addresses import caller, networks
from service.local.servers import Servers
from tests.attacks.client import Caller, Got
from tests.attacks.conftest import Tally
from tests.attacks.server import serving
from tests.attacks.world import World
from tests.support.servers import Database

LIMIT, QUOTA = 5, 60
LIST = "/v1/repair-orders"


@pytest.fixture(scope="module")
def guarded(attacked: Database, servers: Servers, world: World, logs: Path) -> Iterator[Caller]:
    """Give a server with tight limits, behind a proxy that it lists."""
    assert world.tickets
    with serving(attacked, servers.redis_url, logs, RATE_LIMIT=f"{QUOTA}/minute",
                 GUESS_LIMIT=f"{LIMIT}/minute", PROXIES="127.0.0.0/8", LOG_LEVEL="error",
                 ) as port:  # fmt: skip
        client = Caller(port)
        yield client
        client.close()


@pytest.fixture(autouse=True)
def _nothing_counted(servers: Servers) -> None:
    with redis.Redis.from_url(servers.redis_url) as client:
        client.flushall()


def guess(server: Caller, text: str, at: str) -> Got:
    """Present a key from an address."""
    return server.send("GET", LIST, text, headers={"X-Forwarded-For": at})


def wrong_secret(key: str) -> str:
    """Return another key with the same prefix and a good checksum."""
    body = key[:19] + keys.mint().text[19:-6]
    return body + keys.checksum(body)


def refused(got: Got) -> None:
    """Require a proper 429."""
    assert (got.status, got.code, got.json()["policy"]) == (429, "rate-limited", "guesses")
    assert 1 <= int(got.headers["Retry-After"]) <= 60


@pytest.mark.attack("A30")
def test_a_sprayer_is_told_to_wait_after_so_many(
    world: World, guarded: Caller, tally: Tally
) -> None:
    """A30, by address: one before, at and after the limit; others and the honest go on."""
    honest = world.key("dispatcher@own")
    answers = [guess(guarded, keys.mint().text, "198.51.100.1") for _ in range(LIMIT)]
    assert [got.status for got in answers] == [401] * LIMIT

    refused(guess(guarded, keys.mint().text, "198.51.100.1"))
    refused(guess(guarded, "anju_live_x", "198.51.100.1"))
    assert guess(guarded, keys.mint().text, "198.51.100.2").status == 401
    assert guess(guarded, honest, "198.51.100.2").status == 200
    assert guess(guarded, honest, "198.51.100.1").status == 200, "the right key is no guess"
    tally(LIMIT + 5)


@pytest.mark.attack("A30")
def test_one_key_tried_from_many_places_is_guarded_as_well(
    world: World, guarded: Caller, tally: Tally
) -> None:
    """A30, by account: the addresses change, the key does not; its owner is never locked out."""
    owner = world.fresh_key("manager@own")
    for n in range(LIMIT):
        assert guess(guarded, wrong_secret(owner), f"203.0.113.{n}").status == 401

    refused(guess(guarded, wrong_secret(owner), "203.0.113.99"))
    assert guess(guarded, owner, "203.0.113.100").status == 200
    assert guess(guarded, wrong_secret(world.key("crew@own")), "203.0.113.99").status == 401
    tally(LIMIT + 3)


@pytest.mark.attack("A30")
def test_link_tokens_are_guarded_likewise(world: World, guarded: Caller, tally: Tally) -> None:
    """A30: unknown tokens are 404, then 429; a good link opens from the same address."""
    link = guarded.send("POST", f"{LIST}/{world.tickets['assigned']}/links",
                        world.key("dispatcher@own"), json={}).json()["token"]  # fmt: skip
    at = {"X-Forwarded-For": "198.51.100.7"}
    for n in range(LIMIT):
        assert guarded.send("GET", f"/v1/track/guess-{n}", headers=at).status == 404

    refused(guarded.send("GET", "/v1/track/guess-x", headers=at))
    refused(guarded.send("POST", "/v1/track/guess-x/events", headers=at, json={"type": "confirm"}))
    assert guarded.send("GET", f"/v1/track/{link}", headers=at).status == 200
    tally(LIMIT + 3)


@pytest.mark.attack("A30")
def test_a_key_that_ended_is_no_guess(world: World, guarded: Caller, tally: Tally) -> None:
    """A30: a phone that goes on with its revoked key spends nothing of its neighbours' tries."""
    ended = world.fresh_key("crew@own", revoked_at=world.live.story.now)
    for _ in range(3 * LIMIT):
        assert guess(guarded, ended, "198.51.100.20").status == 401
    assert guarded.send("GET", LIST, headers={"X-Forwarded-For": "198.51.100.20"}).status == 401

    assert guess(guarded, keys.mint().text, "198.51.100.20").status == 401
    tally(3 * LIMIT + 2)


@pytest.mark.attack("A30", "A29")
def test_only_a_listed_proxy_names_the_caller(
    world: World, server: Caller, guarded: Caller, tally: Tally
) -> None:
    """A29: what the caller itself wrote before the proxy's entry does not count."""
    for n in range(LIMIT):
        at = f"10.9.9.{n}, 198.51.100.30"
        assert guess(guarded, keys.mint().text, at).status == 401
    refused(guess(guarded, keys.mint().text, "10.9.9.77, 198.51.100.30"))
    refused(guess(guarded, keys.mint().text, "198.51.100.30, 127.0.0.2"))
    assert guess(server, world.key("crew@own"), "127.0.0.1, x").status == 200
    tally(LIMIT + 3)


@pytest.mark.attack("A30")
def test_the_quota_is_kept_by_key_and_tells_when_to_come_back(
    world: World, guarded: Caller, tally: Tally
) -> None:
    """A30: one before, at and after the quota; another key of the same address goes on."""
    busy, other = world.fresh_key("auditor@own"), world.fresh_key("auditor@own")
    answers = [guarded.send("GET", "/v1/me", busy) for _ in range(QUOTA)]
    assert {got.status for got in answers} == {200}
    assert answers[-1].headers["RateLimit"].startswith('"default";r=0;')

    over = guarded.send("GET", "/v1/me", busy)
    assert (over.status, over.code, over.json()["policy"]) == (429, "rate-limited", "default")
    assert 1 <= int(over.headers["Retry-After"]) <= 60
    assert guarded.send("GET", "/v1/me", other).status == 200
    tally(QUOTA + 2)


PROXIES = networks(("10.0.0.0/8", "fd00::/8"))


@pytest.mark.attack("A29", "A34")
@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("198.51.100.1", None, "198.51.100.1"),
        ("198.51.100.1", "192.0.2.9", "198.51.100.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "192.0.2.9", "192.0.2.9"),
        ("10.0.0.1", "1.1.1.1, 192.0.2.9", "192.0.2.9"),
        ("10.0.0.1", "1.1.1.1, 192.0.2.9, 10.0.0.2", "192.0.2.9"),
        ("10.0.0.1", "192.0.2.9,", "10.0.0.1"),
        ("10.0.0.1", "evil", "unknown"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", None, "2001:db8:1:2::/64"),
        ("fd00::1", "2001:db8:9::1", "2001:db8:9::/64"),
        ("::ffff:198.51.100.1", None, "198.51.100.1"),
        ("", None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_an_address_is_the_last_that_no_proxy_wrote(
    peer: str | None, forwarded: str | None, counted: str
) -> None:
    """A29, A34: rotating through a /64 or writing X-Forwarded-For changes nothing."""
    assert caller(peer, forwarded, PROXIES) == counted


@pytest.mark.attack("A30")
def test_the_guess_limit_is_never_off() -> None:
    """A30: the quota may be switched off for a measurement, this may not."""
    env = {"ANJU_DATABASE_URL": "postgresql://x@y/z", "ANJU_ENVIRONMENT": "test"}

    assert load_settings({**env, "ANJU_RATE_LIMIT": "off"}).guess_limit == 10
    assert load_settings({**env, "ANJU_GUESS_LIMIT": "3/minute"}).guess_limit == 3
    for wrong in ("off", "0", "-1", "3/hour", ""):
        with pytest.raises(BadSetting):
            load_settings({**env, "ANJU_GUESS_LIMIT": wrong})
    with pytest.raises(BadSetting):
        load_settings({**env, "ANJU_PROXIES": "everybody"})

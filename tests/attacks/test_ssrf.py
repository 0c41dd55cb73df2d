"""A17: where a webhook may not be sent, as an endpoint is made and as one is changed."""

import pytest

from tests.attacks.client import Caller
from tests.attacks.world import World

HOOKS = "/v1/webhook-endpoints"
URLS = (
    "https://127.0.0.1/", "https://127.1/", "https://0177.0.0.1/", "https://0x7f.0.0.1/",
    "https://2130706433/", "https://0/", "https://0.0.0.0/", "https://localhost/",
    "https://localhost./", "https://LOCALHOST:8443/", "https://[::1]/", "https://[::]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/", "https://[fe80::1%25eth0]/", "https://[fd00::1]/",
    "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.0.1/", "https://169.254.169.254/",
    "https://100.64.0.1/", "https://224.0.0.1/", "https://255.255.255.255/", "https://240.0.0.1/",
    "https://user@93.184.216.34/", "https://u:p@93.184.216.34/", "https://93.184.216.34@127.0.0.1/",
    "https://127.0.0.1#@93.184.216.34/", "https://127.0.0.1\\@93.184.216.34/",
    "http://93.184.216.34/", "ftp://93.184.216.34/", "file:///etc/passwd", "gopher://127.0.0.1/",
    "data:text/plain,x", "javascript:alert(1)", "//93.184.216.34/", "https:///x", "https://",
    "https://93.184.216.34:22/", "https://93.184.216.34:25/", "https://93.184.216.34:0/",
    "https://93.184.216.34:65536/", "https://93.184.216.34:x/", "https://93.184.216.34/ x",
    "https://93.184.216.34/\r\nX: y", "https://１２７.0.0.1/", "https://ⓛocalhost/", "x", "",
)  # fmt: skip


@pytest.mark.attack("A17")
@pytest.mark.parametrize("url", URLS)
def test_no_webhook_leads_inside(url: str, world: World, server: Caller) -> None:
    """A17: refused by POST and by PATCH alike, and nothing is stored."""
    key = world.key("manager@own")
    one = f"{HOOKS}/{_endpoint(world, server)}"
    made = world.value("SELECT count(*) FROM webhook_endpoint")
    merge = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}

    answers = (
        server.send("POST", HOOKS, key, json={"url": url, "types": ["sla.*"]}),
        server.send("PATCH", one, key, json={"url": url}, headers=merge),
    )

    for got in answers:
        assert got.status == 422, got.body
        assert got.faults[0][0] == "/url"
        assert got.faults[0][1] in ("url_not_allowed", "too_short", "forbidden_character")
    assert world.value("SELECT count(*) FROM webhook_endpoint") == made
    assert server.send("GET", one, key).json()["url"] == GOOD


GOOD = "https://93.184.216.34/anju"


def _endpoint(world: World, server: Caller) -> str:
    body = {"url": GOOD, "types": ["sla.*"]}
    got = server.send("POST", HOOKS, world.key("manager@own"), json=body,
                      headers={"Idempotency-Key": "ssrf"})  # fmt: skip
    assert got.status == 201, got.body
    ident: str = got.json()["id"]
    return ident

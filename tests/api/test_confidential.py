"""The line of a confidential step is for the roles it names; nobody else hears that it is."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from service.core.actors import SYSTEM, Role
from service.notify.channels import CHANNELS
from service.notify.relay import Relay
from service.store.audit import letters
from service.store.queries import ticket_parts
from service.store.unit_of_work import Tx
from service.workflows import CONFIDENTIAL, REGISTRY
from tests.api.test_changes import number
from tests.support.http import SETTINGS, Http, http_on
from tests.support.roads import complaint, listed_supervision

WORDS = {"officials": "某单位负责人", "finding": "长期拖欠物业费"}
TOLD = ("street_officer", "district_officer", "auditor")
UNTOLD = ("dispatcher", "manager", "committee", "community_officer", "vendor_manager", "admin")
ROADS = {
    "complaints": (complaint.ROAD, "received", {}),
    "listed-supervisions": (listed_supervision.ROAD, "listed", {"ground": "shirking"}),
}


@pytest.fixture(params=ROADS)
def about(http: Http, request: Any) -> str:
    """A ticket of which something went to discipline inspection; its path."""
    allowed = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__}
    hooks = http_on(http.story, type(SETTINGS)(**{**allowed, "webhook_allow": ("127.0.0.0/8",)}))
    types = ["complaint.*", "listed_supervision.*"]
    endpoint = {"url": "http://127.0.0.1:9000/hook", "types": types}
    assert hooks.post("/v1/webhook-endpoints", endpoint, "manager").status_code == 201
    road, state, more = ROADS[request.param]
    road.open(http.story)
    road.walk(http.story, state)
    http.story.fire("transfer_discipline", "street_officer", data=WORDS | more)
    return f"/v1/{request.param}/{http.story.order}"


def read(http: Http, path: str, who: str) -> list[str]:
    """Return the types of the lines that somebody reads; the count is theirs."""
    answer = http.get(f"{path}/events?count=exact", who)
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert body["total"] == len(body["data"])
    return [line["type"] for line in body["data"]]


@pytest.mark.attack
def test_the_history_shows_it_to_those_it_is_for(http: Http, about: str) -> None:
    for who in TOLD:
        assert read(http, about, who)[-1] == "transfer_discipline", who
    for who in UNTOLD:
        lines = read(http, about, who)
        assert lines, who
        assert "transfer_discipline" not in lines, who


@pytest.mark.attack
def test_the_change_feed_tells_only_those(http: Http, about: str) -> None:
    number(http)

    def told(who: str) -> set[str]:
        body = http.get("/v1/changes?after=0", who).get_json()
        return {entry["event"]["type"] for entry in body["data"]}

    for who in TOLD:
        assert "transfer_discipline" in told(who), who
    for who in UNTOLD:
        assert told(who), who
        assert "transfer_discipline" not in told(who), who


@pytest.mark.attack
def test_no_webhook_and_no_inbox_ever_hears_of_it(http: Http, about: str) -> None:
    done = Relay(http.story.ports.uow, CHANNELS).run_once()

    assert done.failed == 0
    bodies = http.story.conn.execute(
        text("SELECT body::text FROM delivery WHERE channel = 'webhook'")
    ).scalars().all()  # fmt: skip
    assert bodies
    assert not any("transfer_discipline" in body for body in bodies)
    inbox = http.story.conn.execute(text("SELECT topic FROM inbox")).scalars()
    assert not any(topic.endswith("transfer_discipline") for topic in inbox)
    assert list(letters.run(Tx(http.story.conn), letters.CHECKS)) == []


def test_the_audit_trail_keeps_its_chain(http: Http, about: str) -> None:
    lines = [json.loads(line) for line in http.get("/v1/exports/audit", "auditor").text.split("\n")
             if line]  # fmt: skip

    mine = [line for line in lines if line["ticket"]["id"] == about.rpartition("/")[2]]
    assert mine[-1]["type"] == "transfer_discipline"
    assert mine[-1]["prev_hash"] == mine[-2]["hash"]


def test_the_service_and_who_acted_read_it_whatever_their_role(http: Http, about: str) -> None:
    tx, ticket = Tx(http.story.conn), http.story.order
    assert ticket is not None
    desk = http.story.actor("dispatcher")
    acted = http.story.actor("street_officer")
    in_another_role = type(acted)(acted.id, Role.DISPATCHER, "", acted.place_id, acted.place_path)

    shown = [ticket_parts.history(tx, ticket, who, after=0, limit=50)[-1]["type"]
             for who in (SYSTEM, in_another_role, desk)]  # fmt: skip

    assert shown[:2] == ["transfer_discipline"] * 2
    assert shown[2] != "transfer_discipline"


def test_the_tables_say_which_lines_are_confidential() -> None:
    readers = frozenset({Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.AUDITOR})

    assert dict(CONFIDENTIAL) == {
        ("complaint", "transfer_discipline"): readers,
        ("listed_supervision", "transfer_discipline"): readers,
    }


@pytest.mark.parametrize("workflow", REGISTRY, ids=lambda workflow: workflow.kind)
def test_who_may_take_a_confidential_step_may_read_of_it(workflow: Any) -> None:
    for event, readers in workflow.confidential.items():
        assert workflow.roles_of[event] <= readers

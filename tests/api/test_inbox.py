"""The inbox speaks the reader's language and names no ticket the reader may not see."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from service.core.ids import derived
from service.store import inbox
from service.store.unit_of_work import Tx
from tests.api.test_answers import agrees, declared
from tests.support.http import Http


def tell(
    http: Http, who: str, ticket: dict[str, Any], topic: str, n: int = 0, **columns: Any
) -> UUID:
    row = {
        "id": derived("test-inbox", who, topic, n, ticket["id"]),
        "account": http.story.actor(who).id,
        "ticket": ticket["id"],
        "topic": topic,
        "clock": None,
        "level": None,
        "at": http.story.now + timedelta(minutes=n),
    } | columns
    http.story.conn.execute(
        text("INSERT INTO inbox (id, account_id, ticket_id, event_seq, topic, clock, level, at) "
             "VALUES (:id, :account, :ticket, 1, :topic, :clock, :level, :at)"), row,
    )  # fmt: skip
    ident: UUID = row["id"]
    return ident


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh-CN", "到场时限 · 上报 2"),
        ("zh-TW", "到場時限 · 上報 2"),
        ("en", "Arrive · Escalation 2"),
    ],
)
def test_an_entry_says_in_the_readers_language_what_happened(
    http: Http, lang: str, words: str
) -> None:
    ticket = dict(http.open())
    tell(http, "manager", ticket, "sla.escalated", clock="arrive", level=2)

    answer = http.get("/v1/inbox", "manager", headers={"Accept-Language": lang})

    entry = answer.get_json()["data"][0]
    assert entry["text"] == f"{ticket['number']} · {words}"
    assert entry["ticket"]["number"] == ticket["number"]
    assert (entry["clock"], entry["level"], entry["acknowledged_at"]) == ("arrive", 2, None)


def test_a_plain_event_and_a_notice_have_words_too(http: Http) -> None:
    ticket = dict(http.open())
    tell(http, "manager", ticket, "repair_order.opened", 1)
    tell(http, "manager", ticket, "repair_order.rework_notice", 2)

    texts = [e["text"] for e in http.get("/v1/inbox?lang=en", "manager").get_json()["data"]]

    assert texts[0].endswith("Repeated rework: a quality inspection is due")
    assert texts[1].endswith(" · Report")


def test_entries_are_newest_first_paged_and_ones_own(http: Http) -> None:
    ticket = dict(http.open())
    told = [tell(http, "manager", ticket, f"sla.warned{n}", n) for n in range(5)]
    tell(http, "dispatcher", ticket, "sla.warned")

    found, path = [], "/v1/inbox?limit=2"
    while path:
        body = http.get(path, "manager").get_json()
        found += [entry["id"] for entry in body["data"]]
        path = f"/v1/inbox?limit=2&cursor={body['next_cursor']}" if body["has_more"] else ""

    assert found == [str(ident) for ident in reversed(told)]


def test_an_acknowledged_entry_leaves_the_filter_and_keeps_its_first_time(http: Http) -> None:
    ticket = dict(http.open())
    one, two = (tell(http, "manager", ticket, f"sla.x{n}", n) for n in (1, 2))

    first = http.post(f"/v1/inbox/{one}/acknowledge", who="manager")
    http.story.advance(minutes=5)
    again = http.post(f"/v1/inbox/{one}/acknowledge", who="manager")
    foreign = http.post(f"/v1/inbox/{two}/acknowledge", who="dispatcher")
    waiting = http.get("/v1/inbox?unacknowledged=true&count=exact", "manager").get_json()

    assert first.get_json()["acknowledged_at"] == "2026-11-21T00:00:00.000Z"
    assert again.get_json() == first.get_json()
    assert foreign.status_code == 404
    assert ([entry["id"] for entry in waiting["data"]], waiting["total"]) == ([str(two)], 1)


def test_a_ticket_out_of_sight_is_not_named(http: Http) -> None:
    ticket = dict(http.open())
    tell(http, "neighbour", ticket, "repair_order.broadcast")

    answer = http.get("/v1/inbox?lang=en", "neighbour")

    entry = answer.get_json()["data"][0]
    assert (entry["ticket"], entry["text"]) == (None, "An emergency nearby is being repaired")
    assert ticket["number"] not in answer.text


RATE = {
    "compound": {"id": "lotus", "name": "荷花苑"}, "vendor": None, "month": "2026-10",
    "closed": 18, "revisited": 4, "ratio": 0.3,
}  # fmt: skip


def tell_rate(http: Http, **other: Any) -> UUID:
    entry = {
        "id": derived("test-inbox", "rate"),
        "account_id": http.story.actor("manager").id,
        "topic": "repair_order.revisit_rate_low",
        "level": 0,
        "at": http.story.now,
        "subject": RATE | other,
    }
    inbox.put(Tx(http.story.conn), [entry])
    ident: UUID = entry["id"]
    return ident


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh-CN", "荷花苑 2026-10 回访率 22.2 %（4/18），低于 30 %"),
        ("zh-TW", "荷花苑 2026-10 回訪率 22.2 %（4/18），低於 30 %"),
        ("en", "荷花苑, 2026-10: revisit rate 22.2 % (4/18), below 30 %"),
    ],
)
def test_an_entry_about_no_ticket_says_its_figures(http: Http, lang: str, words: str) -> None:
    ident = tell_rate(http)

    body = http.get(
        "/v1/inbox?count=exact", "manager", headers={"Accept-Language": lang}
    ).get_json()

    agrees(declared(http, "/v1/inbox"), body, "/v1/inbox")
    assert body["total"] == 1
    assert body["data"] == [
        {
            "id": str(ident), "topic": "repair_order.revisit_rate_low", "ticket": None,
            "subject": RATE, "text": words, "at": "2026-11-21T00:00:00.000Z",
            "acknowledged_at": None,
        }
    ]  # fmt: skip


CONTRACT = {"vendor": "荷花物业", "compound": "荷花苑", "until": "2026-12-11"}
CERTIFICATE = {"crew": "電梯班", "trade": "electrician", "until": "2026-12-11"}


@pytest.mark.parametrize(
    ("topic", "subject", "lang", "words"),
    [
        ("contract_ends", CONTRACT, "zh-CN", "荷花物业 在 荷花苑 的合同将于 2026-12-11 到期"),
        ("contract_ends", CONTRACT, "en", "The contract of 荷花物业 in 荷花苑 ends on 2026-12-11"),
        ("certificate_ends", CERTIFICATE, "zh-TW", "電梯班 的電工證將於 2026-12-11 到期"),
        (
            "certificate_ends",
            CERTIFICATE,
            "en",
            "certificate (Electrician) ends on 2026-12-11",
        ),
    ],
)
def test_an_entry_about_a_contract_or_a_certificate_says_what_ends(
    http: Http, topic: str, subject: dict[str, str], lang: str, words: str
) -> None:
    entry = {
        "id": derived("test-inbox", topic), "account_id": http.story.actor("manager").id,
        "topic": f"vendor.{topic}", "level": None, "at": http.story.now, "subject": subject,
    }  # fmt: skip
    inbox.put(Tx(http.story.conn), [entry])

    answer = http.get("/v1/inbox", "manager", headers={"Accept-Language": lang})

    (shown,) = answer.get_json()["data"]
    assert words in shown["text"]
    assert shown["subject"] == subject


def test_a_rate_just_too_low_does_not_look_high_enough(http: Http) -> None:
    tell_rate(http, vendor={"id": "v", "name": "安心物业"}, closed=10000, revisited=2999)

    entry = http.get("/v1/inbox?lang=zh-Hans", "manager").get_json()["data"][0]

    assert entry["text"] == "荷花苑 · 安心物业 2026-10 回访率 29.9 %（2999/10000），低于 30 %"


def test_an_entry_about_no_ticket_is_acknowledged_too(http: Http) -> None:
    ident = tell_rate(http)

    answer = http.post(f"/v1/inbox/{ident}/acknowledge", who="manager")

    assert (answer.status_code, answer.get_json()["subject"]) == (200, RATE)
    assert answer.get_json()["acknowledged_at"] == "2026-11-21T00:00:00.000Z"

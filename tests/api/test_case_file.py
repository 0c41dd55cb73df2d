"""A dispute's file: contents with completeness, and the bundle for printing (S-51, S-56, S-58)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.core.messages import LANGUAGES
from tests.support.http import Http

CASES = "/v1/dispute-cases"
EVIL = "<script>alert('x')</script> & \"天花板\""


class Case:
    """A case and those who bring it forward."""

    def __init__(self, http: Http, **facts: Any) -> None:
        self.http = http
        body = {
            "place": "h-2-101", "category": "owner_owner", "title": "漏水赔偿", "description": EVIL,
            "reporter": {"name": "张春兰", "phone": "13800000001", "channel": "phone"},
            "facts": {
                "parties": [
                    {"side": "applicant", "kind": "resident",
                     "person": {"name": "张春兰", "phone": "13800000001"}},
                    {"side": "respondent", "kind": "resident", "place": "h-2-102",
                     "person": {"name": "李国强", "phone": "13900000002"}},
                ],
                "request": EVIL, "grounds": "渗水",
            } | facts,
        }  # fmt: skip
        made = http.post(CASES, body, "resident")
        assert made.status_code == 201, made.text
        self.path = f"{CASES}/{made.get_json()['id']}"
        self.number = made.get_json()["number"]

    def fire(self, event: str, who: str = "mediator", **data: Any) -> "Case":
        """Fire an event a minute later."""
        self.http.story.advance(minutes=1)
        body = {"type": event, "data": data}
        answer = self.http.post(f"{self.path}/events", body, who)
        assert answer.status_code == 201, answer.text
        return self

    def accepted(self) -> "Case":
        """Bring the case to a mediator's table."""
        lead = str(self.http.story.actor("mediator").id)
        self.fire("screen").fire("record_consent", party=2)
        return self.fire("accept", **{"class": "general"}, grade="low", mediators=[lead])

    def identified(self) -> "Case":
        """Identify both parties."""
        self.fire("identify_party", party=1, proof="id_card")
        return self.fire("identify_party", party=2, proof="known_to_body")

    def failed(self) -> "Case":
        """Hold one session that comes to nothing."""
        there = (self.http.story.now + timedelta(minutes=5)).isoformat()
        self.fire("schedule", at=there, place="社区调解室", type="mediation")
        self.fire("open_session", attendance=[1, 2])
        return self.fire(
            "terminate", cause="parties_stop", reason="分歧太大", ways="可以起诉",
            minutes="双方各执一词。",
        )  # fmt: skip

    def contents(self, who: str = "mediator") -> Any:
        """Return the table of contents."""
        answer = self.http.get(f"{self.path}/case-file", who)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def printed(self, who: str = "mediator", **kwargs: Any) -> str:
        """Return the bundle."""
        answer = self.http.get(f"{self.path}/case-file/print", who, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def case(http: Http) -> Case:
    """A case just filed."""
    return Case(http)


def present(contents: Any) -> set[str]:
    return {item["code"] for item in contents["items"] if item["present"]}


def test_contents_grow_with_the_case(case: Case) -> None:
    filed = case.contents()
    assert [item["n"] for item in filed["items"]] == list(range(1, 14))
    assert filed["items"][0]["title"] == "申请书/受理登记表"
    assert (filed["number"], present(filed)) == (case.number, {"application"})
    assert filed["complete"] is False
    assert filed["missing"] == ["rights_notice", "identity", "minutes", "agreement"]

    case.accepted().identified().failed()

    failed = case.contents()
    assert present(failed) == {"application", "rights_notice", "identity", "minutes", "statement"}
    assert (failed["complete"], failed["missing"], failed["override"]) == (True, [], None)
    items = {item["code"]: item for item in failed["items"]}
    assert (items["statement"]["required"], items["agreement"]["required"]) == (True, False)
    assert items["minutes"]["sources"] == ["session-1"]


def test_a_file_closed_incomplete_says_who_did_and_why(case: Case) -> None:
    case.accepted().failed().fire("close_failed", override_reason=f"搬离本市 {EVIL}")

    contents = case.contents()
    cover = case.printed().split("</section>")[0]

    assert contents["missing"] == ["identity"]
    assert contents["override"]["reason"] == f"搬离本市 {EVIL}"
    assert contents["override"]["by"] == {"role": "mediator", "name": "mediator"}
    assert "搬离本市 &lt;script&gt;" in re.sub(r"</p><p>", " ", cover)
    assert "尚缺：身份证明" in cover


def test_the_bundle_is_one_escaped_document_with_a_strict_policy(case: Case) -> None:
    case.accepted().identified()

    answer = case.http.get(f"{case.path}/case-file/print", "mediator")

    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 's")
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "<script" not in answer.text
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp;" in answer.text
    assert not re.search(r"(?:src|href|url\(|@import)", answer.text)


def test_page_numbers_of_the_contents_are_those_of_the_pages(case: Case) -> None:
    case.accepted().identified()
    case.fire("add_evidence", item="inquiry", note="现场查看。" * 390)
    case.failed()

    document = case.printed()

    pages = re.findall(r"<section.*?</section>", document, re.DOTALL)
    for n, page in enumerate(pages, 1):
        assert f"第 {n} 页 共 {len(pages)} 页" in page
    rows = re.findall(r"<tr>(.*?)</tr>", pages[1])[1:]
    assert len(rows) == 13
    listed = 2
    for row in rows:
        _, title, _, status, span = re.findall(r"<td[^>]*>(.*?)</td>", row)
        if not span:
            assert status in ("缺", "—")
            continue
        first, _, last = span.partition("–")
        assert int(first) == listed + 1
        assert f"<h2>{title}</h2>" in pages[int(first) - 1]
        listed = int(last or first)
    assert listed == len(pages)
    assert re.search(r"<td>调查记录</td><td>按需</td><td>有</td><td>\d+–\d+</td>", pages[1])


def test_what_is_missing_stands_in_the_contents(case: Case) -> None:
    document = case.printed()

    assert '<td>身份证明</td><td>必须</td><td class="lack">缺</td><td></td>' in document
    assert "<td>证据材料</td><td>按需</td><td>—</td><td></td>" in document


def test_the_same_case_gives_the_same_bytes(case: Case) -> None:
    case.accepted().failed()
    first = case.printed()
    case.http.story.advance(days=20)

    assert case.printed() == first
    assert case.printed("street_officer") == first


@pytest.mark.attack
def test_full_names_are_shown_to_mediators_and_officers_after_the_look_was_logged(
    case: Case,
) -> None:
    case.accepted()
    looks = text("SELECT actor_id, subject, purpose, request_id FROM pii_access_log ORDER BY at")

    seen = case.printed("mediator", headers={"X-Request-Id": "look-1"})

    logged = case.http.story.conn.execute(looks).all()
    assert "张春兰" in seen
    assert "13900000002" in seen
    assert {row.actor_id for row in logged} == {case.http.story.actor("mediator").id}
    assert len({row.subject for row in logged}) == len(logged) >= 2
    assert {(row.purpose, row.request_id) for row in logged} == {("case file", "look-1")}


@pytest.mark.attack
@pytest.mark.parametrize("who", ["resident", "committee", "manager", "auditor"])
def test_everybody_else_sees_them_masked_and_leaves_no_look(case: Case, who: str) -> None:
    case.accepted()

    seen = case.printed(who)

    assert "张**" in seen
    assert "138****0001" in seen
    assert not re.search("张春兰|李国强|13800000001|13900000002", seen)
    count = text("SELECT count(*) FROM pii_access_log")
    assert case.http.story.conn.execute(count).scalar_one() == 0


@pytest.mark.attack
def test_who_does_not_see_the_case_sees_no_file(case: Case) -> None:
    for path in ("case-file", "case-file/print"):
        for who in ("other_dispatcher", "pool_manager", "crew"):
            assert case.http.get(f"{case.path}/{path}", who).status_code == 404, (path, who)


@pytest.mark.attack
def test_a_private_note_is_in_no_file(case: Case) -> None:
    case.accepted()
    for level in ("private", "shared"):
        note = {"text": f"底线{level}", "level": level}
        assert case.http.post(f"{case.path}/notes", note, "mediator").status_code == 201

    for who in ("mediator", "street_officer", "resident"):
        assert "底线" not in case.printed(who)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_bundle_speaks_the_readers_language(case: Case, lang: str) -> None:
    case.accepted().failed()

    by_name = case.http.get(f"{case.path}/case-file/print?lang={lang}", "mediator")
    by_header = case.printed("mediator", headers={"Accept-Language": lang})

    assert by_name.headers["Content-Language"] == lang
    assert by_name.text == by_header
    assert f'<html lang="{lang}">' in by_header
    assert not re.search(r">[^<]*\b(?:bundle|case_file|case_word|side|tier)\.\w+", by_header)


@pytest.mark.parametrize(
    ("accept", "status"),
    [("text/html", 200), ("application/pdf, */*;q=0.1", 200), ("application/json", 406)],
)
def test_it_is_html_and_nothing_else(case: Case, accept: str, status: int) -> None:
    path = f"{case.path}/case-file/print"

    assert case.http.get(path, "mediator", headers={"Accept": accept}).status_code == status

"""What each item of a dispute's file says, from facts and from what was said when."""

import re
from typing import Any

import pytest

from service.api.case_items import lines
from service.api.case_material import yuan
from service.core.messages import LANGUAGES
from service.workflows.case_file import contents
from tests.support.quarrel import at, material


def said(code: str, lang: str = "zh-Hans", **changes: Any) -> str:
    """Return the text of an item."""
    return "\n".join(line.text for line in lines(material(lang, **changes), code))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("application", ["DC-20261105-0004", "莲花调字2026-041", "2026-11-05 09:30", "赔偿天花板",
                         "申请人 1 张春兰", "被申请人 2 李国强", "13900000002"]),
        ("rights_notice", ["2026-11-06 09:30", "自愿", "被申请人 2 李国强 同意"]),
        ("identity", ["身份证", "调解组织已知", "image/jpeg，240001 字节"]),
        ("power_of_attorney", ["委托代理人：王律师"]),
        ("inquiry", ["调解员", "现场查看"]),
        ("evidence", ["提交：申请人 1 张春兰", "天花板照片四张", "240003"]),
        ("minutes", ["第1次会议 调解会 一级", "参与人：赵邻居", "原因：待损失评估", "结果：休会",
                     "第2次会议 议事会", "双方同意由乙方修复并补偿", "结果：达成协议"]),
        ("agreement", ["1. 被申请人 2 李国强 · 维修", "2026-11-30 09:30", "金额：¥1,200.00",
                       "签字：申请人 1 张春兰 2026-11-11 09:30", "调解员签字：陈调解",
                       "9c1185a5"]),
        ("performance", ["2. 赔偿天花板修补费用", "闭水试验合格", "2026-11-25 09:30"]),
        ("follow_up", ["已接通", "通话次数：2"]),
        ("cover", ["2026-12-01 09:30", "满意"]),
    ],
)  # fmt: skip
def test_an_item_says_what_the_case_knows(code: str, words: list[str]) -> None:
    text = said(code)

    assert [word for word in words if word not in text] == []


def test_a_case_without_agreement_states_how_it_ended() -> None:
    ending = {"code": "party_refuses", "party": 2, "at": at(4), "stated": True,
              "ways": ["court", "authority"]}  # fmt: skip

    text = said("statement", state="terminated", ending=ending)

    for words in ("一方明确拒绝调解", "被申请人 2 李国强", "诉讼、行政途径"):
        assert words in text


def test_a_case_that_never_sat_has_the_record_of_its_end_for_minutes() -> None:
    ending = {"code": "parties_stop", "at": at(4), "stated": True, "ways": "可以起诉"}

    text = said("minutes", state="terminated", sessions=[], evidence=[], ending=ending)

    assert "当事人不愿继续" in text
    assert "可以起诉" in text


def test_an_application_to_the_court_tells_its_way() -> None:
    agreement = {"confirmation": {"court": "锦江区人民法院", "at": at(10), "answer": "accepted",
                                  "result": "confirmed"}, "enforceable": True}  # fmt: skip

    text = said("court", agreement=agreement)

    for words in ("锦江区人民法院", "已受理", "确认", "可以申请强制执行"):
        assert words in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_code_shows_in_any_language(lang: str) -> None:
    ending = {"code": "no_agreement", "at": at(4), "stated": True, "ways": ["court"]}
    items = contents(material().facts, "closed_performed")

    text = "\n".join(said(item.code, lang, ending=ending) for item in items)

    assert not re.search(r"[a-z]+_[a-z]+|\b(?:bundle|role|side|tier|form)\.\w", text)


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(120_000, "¥1,200.00"), (5, "¥0.05"), (123_456_789, "¥1,234,567.89"), (None, None)],
)
def test_an_amount_is_exact_to_the_fen(fen: int | None, shown: str | None) -> None:
    assert yuan(fen) == shown

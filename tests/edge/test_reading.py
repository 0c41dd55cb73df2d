"""Small judgements of the front door: languages, tags, masks, cursors, quota."""

import pytest

from service.core.errors import InvalidCursor, ServiceError, ValidationFailed
from service.edge import cursors, masking, problems
from service.edge.conditions import idempotency_key, if_match, none_match
from service.edge.languages import negotiate
from service.edge.quota import Quota
from service.edge.refusals import RateLimited


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh-Hans"), ("", "zh-Hans"), ("fr", "zh-Hans"), ("zh", "zh-Hans"),
        ("zh-SG", "zh-Hans"), ("zh-Hans-CN", "zh-Hans"), ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"), ("zh-Hant-MO", "zh-Hant"), ("en-GB", "en"),
        ("fr, en;q=0.2, zh-TW;q=0.9", "zh-Hant"), ("en;q=0, zh", "zh-Hans"), ("*", "zh-Hans"),
        ("en;q=x, zh-TW;q=0.1", "zh-Hant"),
    ],
)  # fmt: skip
def test_the_nearest_offered_language_is_chosen(header: str | None, lang: str) -> None:
    assert negotiate(header) == lang


@pytest.mark.parametrize(
    ("header", "present", "version"),
    [
        (None, False, None), ("*", True, None), ('"v3"', True, 3), ('W/"v3"', True, -1),
        ("v3", True, -1), ('"v2", "v4"', True, 4), ('"x"', True, -1), ("", True, -1),
    ],
)  # fmt: skip
def test_if_match_knows_strong_versions_only(
    header: str | None, present: bool, version: int | None
) -> None:
    found = if_match(header)

    assert (found.present, found.version) == (present, version)


def test_if_none_match_compares_weakly() -> None:
    assert none_match('W/"v3"', '"v3"')
    assert none_match('"a", "b"', 'W/"b"')
    assert none_match("*", '"v1"')
    assert not none_match('"v2"', '"v3"')


@pytest.mark.parametrize("key", ["", '""', "a b", "ä", "x" * 256, "a\tb"])
def test_a_malformed_idempotency_key_is_refused(key: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        idempotency_key(key)

    assert refused.value.errors[0].code == "idempotency_key"


def test_the_quotes_of_a_key_do_not_count() -> None:
    assert idempotency_key('"call-1"') == idempotency_key("call-1") == "call-1"
    assert idempotency_key("x" * 255) == "x" * 255


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13800000001", "138****0001"), ("85551234", "****1234"), ("96655", "****"), (None, None)],
)
def test_the_middle_of_a_phone_number_is_hidden(number: str | None, shown: str | None) -> None:
    assert masking.phone(number) == shown


def test_a_name_keeps_its_first_character() -> None:
    assert masking.name("张三") == "张**"
    assert masking.name("") == ""
    assert masking.data({"consented_by": "李四", "reason": "急"}) == {
        "consented_by": "李**", "reason": "急",
    }  # fmt: skip


def test_a_drawn_signature_is_a_file_and_names_nobody() -> None:
    file = "0192f0c1-7d7e-7c4e-9a55-0d3c1a2b3c4d"

    assert masking.data({"signature": file}) == {"signature": file}
    assert masking.data({"signature": file.upper()}) == {"signature": file.upper()}
    assert masking.data({"signature": "李四"}) == {"signature": "李**"}
    assert masking.data({"signature": file.replace("-", "")}) == {"signature": "0**"}


@pytest.mark.attack
def test_an_altered_or_foreign_cursor_is_refused() -> None:
    mine = cursors.bound_to("me", "/v1/x", {"state": "closed"})
    cursor = cursors.write([1, "a"], secret="s", binding=mine)

    assert cursors.read(cursor, secret="s", binding=mine) == [1, "a"]
    for wrong in (cursor[:-1], cursor + "A", "A" + cursor[1:], "", "é", "====", "AAAA"):
        with pytest.raises(InvalidCursor):
            cursors.read(wrong, secret="s", binding=mine)
    with pytest.raises(InvalidCursor):
        cursors.read(cursor, secret="s", binding=cursors.bound_to("you", "/v1/x", {}))
    with pytest.raises(InvalidCursor):
        cursors.read(cursor, secret="t", binding=mine)


def test_a_quota_counts_and_gives_back() -> None:
    quota = Quota(2)
    quota.refuse(quota.spend("a"))
    free = quota.spend("a")
    quota.give_back(free)
    quota.refuse(quota.spend("a"))

    with pytest.raises(RateLimited):
        quota.refuse(quota.spend("a"))
    quota.refuse(quota.spend("b"))


def test_a_quota_works_when_redis_is_away() -> None:
    quota = Quota(1, "unix:///nowhere/at-all.sock")
    quota.refuse(quota.spend("a"))

    with pytest.raises(RateLimited):
        quota.refuse(quota.spend("a"))


def test_a_quota_is_shared_through_redis(valkey: str) -> None:
    Quota(1, valkey).spend("a")
    another_process = Quota(1, valkey)

    with pytest.raises(RateLimited):
        another_process.refuse(another_process.spend("a"))


def test_every_error_has_a_problem_of_its_own() -> None:
    ours = [e for e in problems.every_error() if e.__module__.startswith("service.")]

    assert [e.__name__ for e in ours if e not in problems.PROBLEMS] == []


def test_every_problem_is_worded_in_three_languages() -> None:
    for lang in ("zh-Hans", "zh-Hant", "en"):
        for slug in problems.SLUGS:
            for part in ("title", "detail"):
                code = f"problem.{slug}.{part}"
                assert problems.text(code, lang) != code, (lang, code)


def test_an_unmapped_error_is_our_fault() -> None:
    class Strange(ServiceError):
        """Nobody mapped it."""

    assert problems.problem_of(Strange()).slug == "internal"

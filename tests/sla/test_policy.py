"""Profiles: the files are complete, blanks are named, versions survive the table."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.core.errors import TemplateProfile
from service.sla.policy import InvalidProfile, parse_profiles, profile_from_body, require_active
from tests.sla.tickets import CONFIG, PROFILES, hours, minutes

RULE = re.compile(r"R-[A-Z]{3}-\d\d")
RAW = tomllib.loads((CONFIG / "sla" / "repair.toml").read_text("utf-8"))


@pytest.mark.parametrize("profile", ["REP-DEFAULT", "REP-PROMISE-3"])
def test_a_complete_profile_may_be_chosen(profile: str) -> None:
    require_active(PROFILES[profile])


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        pytest.param("REP-STATION-30", ["revisit_ratio"], id="R-SLA-02"),
        pytest.param(
            "REP-LOCAL-24H", ["arrive.urgent", "arrive.normal", "revisit_ratio"], id="R-SLA-03"
        ),
        pytest.param("REP-FAST-10", ["handle.normal", "revisit_ratio"], id="R-SLA-04"),
        pytest.param(
            "REP-VIP-15", ["handle.urgent", "handle.normal", "revisit_ratio"], id="R-SLA-05"
        ),
        pytest.param("REP-CONTRACT-60", ["handle.normal"], id="R-SLA-06"),
        pytest.param("REP-LEVEL1-30", ["handle.urgent", "handle.normal"], id="R-SLA-08"),
        pytest.param(
            "REP-CUSTOM",
            [
                "arrive.urgent",
                "arrive.normal",
                "handle.urgent",
                "handle.normal",
                "water_same_day",
                "power_same_night",
                "revisit_ratio",
            ],
            id="R-SLA-09",
        ),
    ],
)
def test_a_template_is_refused_with_everything_it_lacks(profile: str, missing: list[str]) -> None:
    with pytest.raises(TemplateProfile) as refused:
        require_active(PROFILES[profile])

    assert (refused.value.profile, sorted(refused.value.missing)) == (profile, sorted(missing))


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_a_profile_survives_its_json(profile: Any) -> None:
    body = json.loads(json.dumps(profile.body()))

    again = profile_from_body(body, version=0)

    assert again == profile
    assert again.body() == profile.body()
    assert profile_from_body(body, version=7).version == 7


def _numbers(node: Any, rule: str | None, path: str) -> Iterator[tuple[str, str | None]]:
    if isinstance(node, dict):
        rule = node.get("rule", rule)
        for name, inner in node.items():
            if name != "rule":
                yield from _numbers(inner, rule, f"{path}.{name}")
    elif isinstance(node, list):
        for n, inner in enumerate(node):
            yield from _numbers(inner, rule, f"{path}.{n}")
    elif not isinstance(node, str) or re.match(r"^P\w|^\d\d:\d\d$", node):
        yield path, rule


def test_every_number_of_the_file_has_a_rule_beside_it() -> None:
    bare = [path for path, rule in _numbers(RAW, None, "") if not RULE.fullmatch(rule or "")]

    assert bare == []


def test_the_clocks_of_a_repair_order_are_all_there() -> None:
    assert set(PROFILES["REP-DEFAULT"].clocks) == {
        "ack", "dispatch", "arrive", "make_safe", "handle", "water_same_day", "power_same_night",
        "feedback", "promise", "confirm", "revisit", "pool_answer",
    }  # fmt: skip


def test_the_numbers_outside_clocks_are_those_of_the_rules() -> None:
    profile = PROFILES["REP-DEFAULT"]

    assert (profile.max_pause, profile.promise_max) == (timedelta(days=15), timedelta(days=7))
    assert (profile.confirm_silence, profile.pool_answer) == (hours(72), minutes(10))
    assert (profile.postponements, profile.reopen_days, profile.merge_days) == (1, 30, 7)
    assert (profile.rework_notice, profile.rework_rectify) == (2, 3)
    assert (profile.revisit_ratio, profile.appointment) == (0.30, True)
    assert profile.revisit_alarm == timedelta(days=5)


def test_an_emergency_uses_every_urgent_number_unless_it_has_its_own() -> None:
    raw = _minimal({"target": {"urgent": "PT1H", "normal": "PT2H"}})
    own = _minimal({"target": {"emergency": "PT5M", "urgent": "PT1H", "normal": "PT2H"}})

    assert parse_profiles("k", raw)["P"].clocks["ack"].target["emergency"] == hours(1)
    assert parse_profiles("k", own)["P"].clocks["ack"].target["emergency"] == minutes(5)


def test_an_appointment_is_no_number_and_not_blank() -> None:
    arrive = PROFILES["REP-CONTRACT-60"].clocks["arrive"]

    assert arrive.by_appointment == {"normal"}
    assert set(arrive.target) == {"emergency", "urgent"}


@pytest.mark.parametrize("profile", ["REP-LOCAL-24H", "REP-PROMISE-3"])
def test_a_dash_means_that_there_is_no_such_clock(profile: str) -> None:
    assert "water_same_day" not in PROFILES[profile].clocks
    assert "handle" not in PROFILES["REP-STATION-30"].clocks


def test_the_strict_power_rule_is_an_option() -> None:
    raw = {**RAW, "STRICT": {"power_same_night": {"power_rule": "same_calendar_day"}}}

    strict = parse_profiles("repair", raw)["STRICT"]

    assert strict.clocks["power_same_night"].absolute == "24:00"
    assert PROFILES["REP-DEFAULT"].clocks["power_same_night"].absolute == "06:00"


def test_a_blank_span_is_named_too() -> None:
    raw = {**RAW, "B": {"numbers": {"max_pause": {"value": "", "rule": "R-SLA-23"}}}}

    assert parse_profiles("repair", raw)["B"].missing == ("max_pause",)


GRADES = {
    "variants": ["t1", "t2"],
    "defaults": {
        "numbers": {
            "max_pause": {"value": "P15D", "rule": "R-SLA-23"},
            "sign_delay": {"value": "P3D", "rule": "R-DIS-25"},
            "oldest": {"value": 30, "rule": "R-DIS-35"},
            "share": {"value": 0.75, "rule": "R-VEN-13"},
            "oral": {"value": False, "rule": "R-DIS-26"},
        },
        "sign": {
            "target": {"t1": "sign_delay", "t2": "P7D"},
            "warn": [{"after": "P1D", "roles": ["mediator"]}, {"ratio": 0.9, "roles": []}],
            "max_pause": "P2D",
            "ladder": [
                {"after": "PT0S", "roles": ["mediator"], "variant": "t2"},
                {"after": "P4D", "roles": [], "action": "reject_terms"},
            ],
            "rule": "R-DIS-25",
        },
    },
    "X-DEFAULT": {},
}


def _graded(**own: Any) -> dict[str, Any]:
    return {**GRADES, "X-DEFAULT": own}


def test_a_family_names_its_own_numbers_and_variants() -> None:
    profile = parse_profiles("dispute", GRADES)["X-DEFAULT"]
    again = profile_from_body(json.loads(json.dumps(profile.body())), version=0)
    sign = profile.clocks["sign"]

    assert (profile.kind, profile.sign_delay) == ("dispute", timedelta(days=3))
    assert (profile.oldest, profile.share, profile.oral) == (30, 0.75, False)
    assert dict(sign.target) == {"t1": timedelta(days=3), "t2": timedelta(days=7)}
    assert (len(sign.warn), sign.max_pause) == (2, timedelta(days=2))
    assert [(rung.variant, rung.action) for rung in sign.ladder] == [
        ("t2", None),
        (None, "reject_terms"),
    ]
    assert again == profile
    with pytest.raises(AttributeError, match="reopen_days"):
        _ = profile.reopen_days


def test_a_clock_pauses_as_long_as_it_may_itself_or_else_as_the_profile_says() -> None:
    profile = parse_profiles("dispute", _graded(other={**GRADES["defaults"]["sign"]}))["X-DEFAULT"]

    assert profile.longest_pause(profile.rule("sign-3")) == timedelta(days=2)
    assert profile.longest_pause(profile.rule("unknown")) == timedelta(days=15)


@pytest.mark.parametrize(
    ("numbers", "missing", "value"),
    [
        ({"sign_delay": {"value": "", "rule": "R-SLA-16"}}, ("sign_delay",), timedelta()),
        ({"oldest": {"value": "", "rule": "R-SLA-16"}}, ("oldest",), 0),
    ],
)
def test_a_blank_number_is_missing_whatever_it_measures(
    numbers: dict[str, Any], missing: tuple[str, ...], value: object
) -> None:
    profile = parse_profiles("dispute", _graded(numbers=numbers))["X-DEFAULT"]

    assert (profile.missing, profile.numbers[missing[0]]) == (missing, value)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param(_graded(numbers={"none": {"value": 1}}), "none", id="number"),
        pytest.param(_graded(numbers={"oldest": {"value": "P1D"}}), "oldest", id="span-for-count"),
        pytest.param(_graded(numbers={"sign_delay": {"value": 3}}), "delay", id="count-for-span"),
        pytest.param(_graded(sign={"target": {"t9": "P1D"}}), "sign: unknown t9", id="variant"),
        pytest.param(
            _graded(sign={"ladder": [{"after": "P1D", "roles": [], "variant": "urgent"}]}),
            "unknown urgent",
            id="variant-of-a-rung",
        ),
        pytest.param(
            _graded(sign={"ladder": [{"after": "P1D", "roles": [], "colour": 1}]}),
            "unknown colour",
            id="member-of-a-rung",
        ),
        pytest.param(
            {"defaults": {"numbers": {"kind": {"value": 1, "rule": ""}}}, "X": {}},
            "kind, max_pause",
            id="no-max-pause-and-a-name-that-is-taken",
        ),
    ],
)
def test_what_a_family_does_not_know_is_refused(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidProfile, match=says):
        parse_profiles("dispute", raw)


def _minimal(clock: dict[str, Any], numbers: dict[str, Any] | None = None) -> dict[str, Any]:
    ack = {"ladder": [], "rule": "R-REP-17", **clock}
    return {
        "defaults": {"numbers": RAW["defaults"]["numbers"]},
        "P": {"ack": ack, "numbers": numbers or {}},
    }


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param(_minimal({"target": "30 min"}), "P.ack.emergency", id="no-duration"),
        pytest.param(_minimal({"target": "PT1H", "colour": 1}), "colour", id="unknown-entry"),
        pytest.param(
            _minimal({"target": "PT1H", "warn": {"roles": []}}), "warn", id="warn-of-none"
        ),
        pytest.param(_minimal({}, {"pool_size": {"value": 1}}), "pool_size", id="unknown-number"),
    ],
)
def test_a_file_that_makes_no_sense_names_the_place(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidProfile, match=says):
        parse_profiles("k", raw)

from typing import ClassVar

import pytest
from marshmallow import ValidationError

from service.core import jsonschema
from service.core.shapes import (
    AccountId,
    Choice,
    Day,
    File,
    Flag,
    Ident,
    Instant,
    Many,
    Quantity,
    Shape,
    Text,
    Whole,
    instant,
    stamp,
)

UUID = "01a1fb67-1800-7000-8000-000000000007"


class Sample(Shape):
    """Every field there is."""

    text = Text(most=5)
    word = Choice("a", "b")
    count = Whole(least=1, most=9)
    share = Quantity(least=0, most=1)
    flag = Flag()
    at = Instant()
    until = Instant()
    day = Day()
    id = Ident()
    files = Many(File(), least=1, most=2)
    left = Text()
    right = Text()
    ordered: ClassVar = (("at", "until"),)
    exactly_one: ClassVar = (("left", "right"),)
    at_least_one: ClassVar = (("text", "word"),)


def faults_of(data):
    try:
        Sample().load(data)
    except ValidationError as error:
        return error.messages
    return None


def fault(name, value):
    return (faults_of({"left": "x", "word": "a"} | {name: value}) or {}).get(name)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("text", " abcde ", None), ("text", "abcdef", "too_long"), ("text", "  ", "too_short"),
        ("text", 5, "wrong_type"), ("text", None, "wrong_type"),
        ("text", "a\x00", "forbidden_character"), ("text", "a\nb", None),
        ("text", "a\x7fb", "forbidden_character"), ("text", "a\u202eb", "forbidden_character"),
        ("word", "b", None), ("word", "c", "not_allowed: a, b"), ("word", 1, "wrong_type"),
        ("count", 1, None), ("count", 9, None), ("count", 0, "out_of_range"),
        ("count", 10, "out_of_range"), ("count", 1.0, "wrong_type"), ("count", True, "wrong_type"),
        ("count", "1", "wrong_type"),
        ("share", 0, None), ("share", 1, None), ("share", 1.01, "out_of_range"),
        ("share", float("nan"), "out_of_range"), ("share", True, "wrong_type"),
        ("flag", False, None), ("flag", 1, "wrong_type"), ("flag", "true", "wrong_type"),
        ("at", "2026-11-21T08:00:00+08:00", None), ("at", "2026-11-21T08:00Z", None),
        ("at", "2026-11-21T08:00:00", "time_without_offset"), ("at", 5, "wrong_type"),
        ("at", "2026-11-21", "not_a_time"), ("at", "2026-02-30T08:00:00Z", "not_a_time"),
        ("at", "0001-01-01T00:00:00+23:00", "not_a_time"),
        ("day", "2026-11-21", None), ("day", "2026-11-31", "out_of_range"),
        ("day", "20261121", "wrong_type"), ("day", 5, "wrong_type"),
        ("id", UUID, None), ("id", "x", "not_a_uuid"), ("id", 1, "wrong_type"),
        ("files", [UUID], None), ("files", [], "too_short"), ("files", [UUID] * 3, "too_long"),
        ("files", UUID, "wrong_type"),
    ],
)  # fmt: skip
def test_a_field_takes_what_it_should_and_names_what_is_wrong(name, value, code):
    assert fault(name, value) == (None if code is None else [code])


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        ({"left": "x", "word": "a"}, None),
        ({"word": "a"}, {"left": ["required"]}),
        ({"left": "x", "right": "y", "word": "a"}, {"right": ["not_allowed"]}),
        ({"left": "x"}, {"text": ["required"]}),
        ({"left": "x", "word": "a", "at": "2026-11-21T08:00Z", "until": "2026-11-21T08:00Z"},
         {"until": ["out_of_range"]}),
        ({"left": 1, "word": "a"}, {"left": ["wrong_type"]}),
        ({"left": "x", "word": "a", "new": 1}, {"new": ["unknown_field"]}),
    ],
)  # fmt: skip
def test_members_are_judged_together(data, faults):
    assert faults_of(data) == faults


def test_something_else_than_an_object_is_a_wrong_type():
    with pytest.raises(ValidationError) as caught:
        Sample().load([])

    assert caught.value.messages == {"_schema": ["wrong_type"]}


def test_times_become_utc_cut_to_the_millisecond_and_are_written_so():
    at = instant("2026-11-21T08:00:00.123987+08:00")

    assert stamp(at) == "2026-11-21T00:00:00.123Z"
    assert Sample().dump({"at": at, "until": None}) == {"at": stamp(at), "until": None}


def test_a_missing_member_is_not_a_method_of_the_mapping():
    class Listed(Shape):
        items = Many(Whole(), least=1)

    assert Listed().dump({}) == {}
    assert Listed().dump({"items": [1]}) == {"items": [1]}


def test_json_schema_says_the_same():
    schema = jsonschema.of(Sample)

    assert schema["additionalProperties"] is False
    assert schema["properties"]["count"] == {"type": "integer", "minimum": 1, "maximum": 9}
    assert schema["properties"]["word"]["enum"] == ["a", "b"]
    assert schema["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert schema["properties"]["files"]["items"] == {"type": "string", "format": "uuid"}
    assert schema["allOf"] == [
        {"oneOf": [{"required": ["left"]}, {"required": ["right"]}]},
        {"anyOf": [{"required": ["text"]}, {"required": ["word"]}]},
    ]


def test_no_schema_is_an_empty_object():
    assert jsonschema.of(None) == {
        "type": "object", "properties": {}, "additionalProperties": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "code"), [("nobody", "not_a_uuid"), (7, "wrong_type"), ("x" * 37, "too_long")]
)
def test_an_account_is_named_by_its_id(given, code):
    with pytest.raises(ValidationError, match=code):
        AccountId().deserialize(given)


def test_an_accounts_id_is_text_in_its_usual_form():
    assert AccountId().deserialize("00000000-0000-7000-8000-00000000000A") == (
        "00000000-0000-7000-8000-00000000000a"
    )

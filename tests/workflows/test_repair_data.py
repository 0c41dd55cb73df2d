import pytest
from marshmallow import ValidationError

from service.core import jsonschema
from service.workflows import repair_data, repair_words, work_data
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.repair import PHOTO
from tests.support.repair_data import ASSIGN, CANNOT_FINISH, DATA

SCHEMAS = {
    (step.event, step.data): step.data for step in REPAIR_ORDER.steps if step.data is not None
}
REQUIRED = [
    (event, name)
    for event, schema in SCHEMAS
    if schema is not repair_data.DraftCompletion
    for name in jsonschema.of(schema).get("required", [])
]


def faults(schema, data):
    with pytest.raises(ValidationError) as caught:
        schema().load(data)
    return caught.value.messages


def schema_of(event):
    return next(schema for name, schema in SCHEMAS if name == event)


@pytest.mark.parametrize(("event", "name"), REQUIRED)
def test_a_missing_required_datum_is_named(event, name):
    data = {key: value for key, value in DATA[event].items() if key != name}

    assert faults(schema_of(event), data) == {name: ["required"]}


@pytest.mark.parametrize("event", DATA)
def test_an_unknown_member_is_refused_by_name(event):
    assert faults(schema_of(event), DATA[event] | {"colour": 1}) == {"colour": ["unknown_field"]}


@pytest.mark.parametrize("event", DATA)
def test_what_is_loaded_is_written_as_it_came(event):
    schema = schema_of(event)()

    assert schema.dump(schema.load(DATA[event])) == DATA[event]


@pytest.mark.parametrize(
    ("event", "change", "expected"),
    [
        ("assign", {"crew": "c7", "vendor": "v1"}, {"vendor": ["not_allowed"]}),
        ("assign", {"visit_to": ASSIGN["visit_from"]}, {"visit_to": ["out_of_range"]}),
        ("assign", {"price_shown_fen": 80.5}, {"price_shown_fen": ["wrong_type"]}),
        ("assign", {"price_shown_fen": -1}, {"price_shown_fen": ["out_of_range"]}),
        ("assign", {"visit_from": "2026-11-21T08:20:00"}, {"visit_from": ["time_without_offset"]}),
        ("assign", {"visit_from": "soon"}, {"visit_from": ["not_a_time"]}),
        ("accept", {"urgency": "high"},
         {"urgency": ["not_allowed: emergency, urgent, normal"]}),
        ("no_access", {"photos": []}, {"photos": ["too_short"]}),
        ("no_access", {"photos": ["x"]}, {"photos": {0: ["not_a_uuid"]}}),
        ("arrive", {"position": {"lat": 91, "lon": 0}}, {"position": {"lat": ["out_of_range"]}}),
        ("complete_work", {"photos_after": [PHOTO] * 21}, {"photos_after": ["too_long"]}),
        ("complete_work", {"labour_minutes": True}, {"labour_minutes": ["wrong_type"]}),
        ("start_work", {"confined_space_checks": {}},
         {"confined_space_checks": {name: ["required"]
                                    for name in repair_words.CONFINED_SPACE_CHECKS}}),
        ("report_cannot_finish", {"reason": " "}, {"reason": ["too_short"]}),
    ],
)  # fmt: skip
def test_a_wrong_datum_is_named(event, change, expected):
    assert faults(schema_of(event), DATA[event] | change) == expected


@pytest.mark.parametrize(
    ("event", "without", "named"),
    [
        ("assign", ("crew",), "crew"),
        ("reassign", ("crew",), "crew"),
        ("no_access", ("photos",), "photos"),
        ("arrive", ("position", "by_phone"), "position"),
        ("report_cannot_finish", ("warning_photos",), "warning_photos"),
    ],
)
def test_one_of_several_is_required(event, without, named):
    data = {key: value for key, value in DATA[event].items() if key not in without}

    assert faults(schema_of(event), data) == {named: ["required"]}


def test_a_times_offset_is_kept_as_an_instant():
    data = CANNOT_FINISH | {"new_promise_at": "2026-11-23T08:00:00.1239+08:00"}

    loaded = work_data.ReportCannotFinish().load(data)

    assert loaded["new_promise_at"].isoformat() == "2026-11-23T00:00:00.123000+00:00"

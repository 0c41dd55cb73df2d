"""What becomes of each row of a recorded file, and why one is refused."""

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service import bootstrap
from service.local.replay import source_map
from service.local.replay.reader import NotThisSource, Reading, read
from service.local.replay.report import NOT_STATED
from service.local.replay.run import EXCERPT
from service.local.replay.source_map import BadMap, UnknownMap, load_map, parse_map

HEAT = {
    "source": "test",
    "case_id": "1",
    "created_at": "2023-12-10 21:00:00",
    "closed_at": "2023-12-11 09:00:00",
    "due_at": "",
    "resolution_updated_at": "",
    "status": "Closed",
    "agency": "HPD",
    "complaint_type": "HEAT/HOT WATER",
    "descriptor": "ENTIRE BUILDING",
    "location_type": "RESIDENTIAL BUILDING",
    "zip": "11226",
    "address": "55 LINDEN BOULEVARD",
    "community_board": "14 BROOKLYN",
    "borough": "BROOKLYN",
    "channel": "PHONE",
    "resolution": "Heat was restored.",
}


def reading(tmp_path: Path, *rows: dict[str, str]) -> Reading:
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, HEAT.keys())
        writer.writeheader()
        writer.writerows({**HEAT, "case_id": str(n), **row} for n, row in enumerate(rows))
    return read(file, load_map("nyc311_full"))


def test_a_repair_becomes_a_report_in_utc(tmp_path):
    report = reading(tmp_path, {}).reports[0]

    assert report.row == 2
    assert report.opened_at == datetime(2023, 12, 11, 2, 0, tzinfo=UTC)
    assert report.closed_at == datetime(2023, 12, 11, 14, 0, tzinfo=UTC)
    assert (report.category, report.urgency, report.channel) == ("heating", "urgent", "phone")
    assert report.place[0] == "New York City"
    assert report.place[-1] == "55 LINDEN BOULEVARD"
    assert report.outcome == "Heat was restored."


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"closed_at": "2023-12-10 20:59:59"}, "closed_before_created"),
        ({"created_at": ""}, "no_opening_date"),
        ({"created_at": "yesterday"}, "unreadable_date"),
        ({"created_at": "9999-12-31 23:59:59"}, "unreadable_date"),
        ({"closed_at": "soon"}, "unreadable_date"),
        ({"descriptor": "a\0b"}, "malformed_row"),
        ({"closed_at": ""}, "closed_without_date"),
        ({"status": "Unheard of"}, "unknown_status"),
        ({"case_id": ""}, "no_case_id"),
        ({"complaint_type": "Illegal Parking"}, "not_a_repair"),
        ({"complaint_type": "Noise - Residential"}, "not_a_repair"),
        ({"complaint_type": "GENERAL", "descriptor": "JANITOR/SUPER"}, "not_a_repair"),
    ],
)
def test_a_row_that_is_no_order_is_refused_with_its_number(tmp_path, row, reason):
    found = reading(tmp_path, {}, row)

    assert len(found.reports) == 1
    assert [(r.row, r.reason) for r in found.refused] == [(3, reason)]


def test_closing_in_the_second_of_the_opening_is_no_contradiction(tmp_path):
    found = reading(tmp_path, {"closed_at": HEAT["created_at"]})

    assert found.reports[0].closed_at == found.reports[0].opened_at


def test_a_case_id_counts_once(tmp_path):
    found = reading(tmp_path, {"case_id": "7"}, {"case_id": "7"})

    assert [(r.row, r.reason, r.detail) for r in found.refused] == [
        (3, "duplicate_case_id", "same as row 2")
    ]


def test_a_row_with_too_few_cells_is_refused(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text(",".join(HEAT) + "\nonly,three,cells\n", encoding="utf-8")

    found = read(file, load_map("nyc311_full"))

    assert [(r.row, r.reason) for r in found.refused] == [(2, "malformed_row")]


def test_an_open_request_has_no_closing_and_says_how_far_it_came(tmp_path):
    report = reading(tmp_path, {"status": "Assigned", "closed_at": ""}).reports[0]

    assert (report.reach, report.closed_at) == ("assign", None)


def test_a_request_without_an_address_stays_with_its_zip_area(tmp_path):
    report = reading(tmp_path, {"address": "", "zip": "", "community_board": ""}).reports[0]

    assert report.place == ("New York City", "BROOKLYN", NOT_STATED, NOT_STATED)
    assert report.same_as is None


def test_a_gzip_file_reads_like_a_plain_one(tmp_path):
    packed = tmp_path / "excerpt.csv.gz"
    packed.write_bytes(gzip.compress(EXCERPT.read_bytes()))
    source = load_map("nyc311_full")

    assert read(packed, source) == read(EXCERPT, source)


def test_every_row_of_the_excerpt_is_accounted_for():
    found = read(EXCERPT, load_map("nyc311_full"))

    with EXCERPT.open(encoding="utf-8", newline="") as text:
        assert len(found.reports) + len(found.refused) == sum(1 for _ in csv.DictReader(text))
    assert {r.reason for r in found.refused} == {
        "closed_before_created",
        "closed_without_date",
        "not_a_repair",
    }


def test_days_to_close_are_days_of_24_hours(tmp_path):
    file = tmp_path / "hpd.csv"
    file.write_text(
        "case_id,complaint_key,received_at,status,borough,major_category,minor_category,"
        "problem_status,problem_code,zip,urgency,days_to_close\n"
        "H1,K1,2023-03-11 12:00:00,CLOSE,BRONX,PLUMBING,TOILET,CLOSE,BOWL STOPPED UP,10452,"
        "IMMEDIATE EMERGENCY,2\n",
        encoding="utf-8",
    )

    report = read(file, load_map("nyc_hpd_problems")).reports[0]

    # The clocks went forward that night: two days are 48 hours all the same.
    assert report.closed_at == datetime(2023, 3, 13, 17, 0, tzinfo=UTC)
    assert (report.category, report.urgency) == ("toilet", "emergency")


def test_a_file_of_another_source_is_refused_by_its_missing_columns(tmp_path):
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(NotThisSource, match="case_id"):
        read(file, load_map("nyc311_full"))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(NotThisSource):
        read(tmp_path / "absent.csv", load_map("nyc311_full"))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(NotThisSource):
        read(file, load_map("nyc311_full"))


def test_an_unknown_map_names_those_there_are():
    with pytest.raises(UnknownMap, match=", ".join(source_map.names())):
        load_map("nowhere")


def test_a_malformed_map_is_named():
    with pytest.raises(BadMap, match="broken"):
        parse_map("broken", {"title": "no more"})


@pytest.mark.parametrize("name", source_map.names())
def test_every_category_of_a_map_is_in_the_catalogue(name):
    source = load_map(name)
    known = {*bootstrap.load_catalogue().of(source.kind).codes, source.refusal}

    assert source.category.codes() | set(source.responsible) <= known

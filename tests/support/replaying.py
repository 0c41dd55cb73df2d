"""Replays a few recorded requests into a database of a test."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from service import bootstrap
from service.commands.ports import Ports
from service.core.ids import TimeOrderedIds
from service.jobs.clusters import detect
from service.jobs.revisits import draw_revisits
from service.jobs.what_follows import settle
from service.local.replay.passage import Chores
from service.local.replay.run import EXCERPT
from service.store.policy import StoredPolicies
from service.store.unit_of_work import UnitOfWork, make_engine
from service.workflows import REGISTRY
from tests.support.sources import ROOT

RECORDED = ROOT.parent / "shared" / "data"
"""The recorded files, which are no part of the repository: tests that read them may skip."""

# One invented row in the format of each source.
NYC = {
    "case_id": "1",
    "created_at": "2020-01-02 09:00:00",
    "closed_at": "2020-01-03 10:00:00",
    "complaint_type": "PLUMBING",
    "borough": "QUEENS",
}
SF = {
    "case_id": "1",
    "created_at": "2012-07-01 08:00:00",
    "closed_at": "2012-11-05 21:30:00",
    "updated_at": "2012-11-05 21:30:00",
    "status": "Closed",
    "status_notes": "Completed",
    "status_notes_chars": "9",
    "agency": "Housing Authority SR Queue",
    "category": "SFHA Requests",
    "complaint_type": "Glazier",
    "descriptor": "Glazier - Urgent",
    "supervisor_district": "10",
    "neighborhood": "Elsewhere Hill",
    "channel": "Phone",
    "has_media": "0",
}
BOSTON = {
    "case_id": "1",
    "opened_at": "2016-07-04 05:00:00",
    "sla_target_at": "2016-11-01 05:00:00",
    "closed_at": "2016-08-01 06:00:00",
    "on_time": "ONTIME",
    "status": "Closed",
    "closure_code": "Resolved",
    "closure_text_chars": "12",
    "subject": "Inspectional Services",
    "reason": "Housing",
    "type": "Bed Bugs",
    "queue": "ISD_Housing (INTERNAL)",
    "department": "ISD",
    "has_photo": "0",
    "neighborhood": "Elsewhere",
    "ward": "18",
    "zip": "02199",
    "channel": "Citizens Connect App",
}
CN = {
    "case_id": "1",
    "user": "U00000001",
    "subject": "反映A3区某某小区电梯停运的问题",
    "created_at": "2018-03-01 08:00:00",
    "detail": "尊敬的领导：\n　　我们小区的电梯停了。\n",
    "reply": "网友：您好！\n电梯已修复。",
    "replied_at": "2018-03-20 15:00:00",
}
BPI = {
    "case_id": "1-1",
    "seq": "0",
    "at_utc": "2012-05-02T08:00:00+00:00",
    "status": "Accepted",
    "substatus": "In Progress",
    "resource": "R1",
    "team": "G1",
    "function_div": "V9",
    "org_line": "Org line Z",
    "country": "se",
    "impact": "High",
    "product": "PROD1",
}

CFPB = {
    "case_id": "1",
    "received_on": "2015-03-02",
    "sent_to_company_on": "2015-03-04",
    "product": "Mortgage",
    "sub_product": "Other mortgage",
    "issue": "Loan servicing, payments, escrow account",
    "sub_issue": "",
    "company": "Elsewhere Savings & Loan",
    "state": "OR",
    "channel": "Web",
    "company_response": "Closed with explanation",
    "timely": "Yes",
    "disputed": "No",
}
FOOD = {
    "site_key": "F1",
    "inspection_id": "1",
    "business": "ELSEWHERE DINER",
    "license": "1",
    "facility_type": "Restaurant",
    "risk": "Risk 1 (High)",
    "address": "1 W ELSEWHERE AVE",
    "zip": "60600",
    "inspected_on": "2020-02-10",
    "inspection_type": "Canvass",
    "result": "Fail",
    "violations": "3. NO SOAP - Comments: NONE. | 47. WORN DOOR - Comments: REPLACE.",
}
VOTES = {
    "case_id": "1",
    "user": "U00000001",
    "subject": "A9区青山花园小区半夜施工扰民",
    "created_at": "2019-03-01 08:00:00",
    "detail": "尊敬的领导：\n　　天天施工到凌晨。\n",
    "against": "0",
    "likes": "2",
}
RECEIPT = {
    "case_id": "case-1",
    "seq": "0",
    "at_utc": "2011-03-04T09:00:00+00:00",
    "activity": "Confirmation of receipt",
    "resource": "Resource1",
    "group": "Group 1",
    "channel": "Internet",
    "department": "General",
    "responsible": "Resource2",
    "case_start_utc": "2011-03-01T00:00:00+00:00",
    "case_end_utc": "2011-03-20T00:00:00+00:00",
    "planned_end_utc": "2011-04-26T00:00:00+00:00",
    "deadline_utc": "2011-04-26T00:00:00+00:00",
}
FILES = {"cn_mailbox_complaints": "cn_mailbox_replies"}
"""Recorded files that are not called as their map."""

REGISTERED = {workflow.kind: workflow for workflow in REGISTRY}


CHORES = Chores(follow=settle, daily=detect, monthly=draw_revisits)


@contextmanager
def committing_ports(url: str) -> Iterator[Ports]:
    """Make ports whose commands commit."""
    engine = make_engine(url, name="test-replay")
    yield Ports(
        ids=TimeOrderedIds(),
        uow=UnitOfWork(engine),
        policies=StoredPolicies(),
        calendars=bootstrap.load_calendars(),
        catalogue=bootstrap.load_catalogue(),
        registry=REGISTERED,
        ring=lambda _bell: None,
    )
    engine.dispose()


def rows_of_excerpt(folder: Path, first: int, last: int) -> Path:
    """Write the header and rows `first` to `last` of the excerpt, counted like its reader does."""
    lines = EXCERPT.read_text(encoding="utf-8").splitlines(keepends=True)
    file = folder / f"rows-{first}-{last}.csv"
    file.write_text("".join([lines[0], *lines[first - 1 : last]]), encoding="utf-8")
    return file


def written(folder: Path, *rows: Mapping[str, str]) -> Path:
    """Write rows of one source as a CSV file; the first has every column."""
    file = folder / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows({**rows[0], **row} for row in rows)
    return file


def slice_of(folder: Path, name: str, rows: int) -> Path:
    """Write the first rows of a recorded file; skip the test, saying so, when it is not there."""
    name = FILES.get(name, name)
    found = sorted(RECORDED.glob(f"{name}.csv*"))
    if not found:
        pytest.skip(f"no recorded {name}.csv in {RECORDED}: the map was not tried on real rows")
    opened = gzip.open if found[0].suffix == ".gz" else open
    with opened(found[0], "rt", encoding="utf-8-sig", newline="") as text:
        taken: Sequence[dict[str, str]] = list(islice(csv.DictReader(text), rows))
    return written(folder, *taken)

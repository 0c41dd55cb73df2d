"""A dispute between a household and the property company, over the API."""

from typing import Any

from service.bootstrap import load_catalogue
from tests.support.http import Http

PATH = "/v1/dispute-cases"
APPLICANT = {"name": "李梅", "phone": "13900004321"}
REPRESENTATIVE = {"name": "赵强", "phone": "13700005678"}

SECRET = "先不要告诉对方"
SEES_ALL = ("dispatcher", "manager", "committee", "community_officer", "street_officer",
            "district_officer", "auditor", "admin")  # fmt: skip
PARTY_1, PARTY_2 = ("resident", "partner"), ("property_manager",)
SAME_BODY, NEXT_BODY = "mediator_beside", "mediator_t2"


def body(**members: Any) -> dict[str, Any]:
    """Return the body that files the usual case: party 1 a household, party 2 a vendor."""
    facts = {
        "parties": [
            {"side": "applicant", "kind": "resident", "place": "h-2-101", "person": APPLICANT},
            {"side": "respondent", "kind": "vendor", "vendor": "v-property",
             "representative": REPRESENTATIVE},
        ],
        "request": "退还多收的停车费",
    }  # fmt: skip
    return {
        "place": "lotus",
        "category": load_catalogue().of("dispute_case").codes[0],
        "title": "停车费纠纷",
        "reporter": {"name": "李梅", "phone": "13900004321", "channel": "desk"},
        "facts": facts,
    } | members


def filed(http: Http, who: str = "mediator", **members: Any) -> str:
    """File the usual case; return its path."""
    answer = http.post(PATH, body(**members), who)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.get_json()['id']}"


def token(http: Http, case: str, party: int) -> str:
    """Make a link for a party; return its token."""
    made = http.post(f"{case}/links", {"party": party}, "mediator")
    assert made.status_code == 201, made.text
    found: str = made.get_json()["token"]
    return found


def wrote(http: Http, case: str, who: str = "mediator", **members: Any) -> Any:
    """Add a note and return it."""
    answer = http.post(f"{case}/notes", {"text": SECRET, "level": "private"} | members, who)
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def faults(answer: Any) -> list[tuple[str, str, list[str]]]:
    """Return what is wrong and what would be right."""
    assert answer.status_code == 422, answer.text
    errors = answer.get_json()["errors"]
    return [(e["pointer"], e["code"], e.get("allowed", [])) for e in errors]


def readers(http: Http, case: str) -> set[str]:
    """Return who reads at least one note, of all who see the case."""
    people = ("mediator", SAME_BODY, *PARTY_1, *PARTY_2, *SEES_ALL)
    lists = {who: http.get(f"{case}/notes?count=exact", who) for who in people}
    assert {answer.status_code for answer in lists.values()} == {200}
    for answer in lists.values():
        assert answer.get_json()["total"] == len(answer.get_json()["data"])
    return {who for who, answer in lists.items() if answer.get_json()["data"]}

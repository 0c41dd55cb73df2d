"""Places, crews, vendors, utilities and parties: lists, items, writing, scope."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.http import Http

COLLECTIONS = ("places", "crews", "vendors", "utilities")


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.get_json()["data"]]


def test_a_list_holds_only_what_the_scope_holds(http: Http) -> None:
    mine = ids(http.get("/v1/places", "dispatcher"))
    theirs = ids(http.get("/v1/places", "other_dispatcher"))

    assert "h-2-101" in mine
    assert "pine" not in mine
    assert sorted(theirs) == ["b5", "n-community", "n-street", "north", "pine"]


def test_what_serves_a_place_from_above_is_seen_below(http: Http) -> None:
    assert ids(http.get("/v1/crews", "manager")) == ["c7", "c9"]
    assert ids(http.get("/v1/crews", "other_dispatcher")) == []


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_foreign_item_is_absent_byte_for_byte(http: Http, collection: str) -> None:
    foreign = {"places": "lotus", "crews": "c7", "vendors": "v-lotus", "utilities": "u-water"}

    seen = http.get(f"/v1/{collection}/{foreign[collection]}", "dispatcher")
    hidden = http.get(f"/v1/{collection}/{foreign[collection]}", "other_dispatcher")
    absent = http.get(f"/v1/{collection}/no-such", "other_dispatcher")

    assert seen.status_code == 200
    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data


def test_pages_follow_each_other_without_gap_or_repeat(http: Http) -> None:
    whole, path, found = ids(http.get("/v1/places?limit=200")), "/v1/places?limit=4", []

    while path:
        answer = http.get(path)
        found += ids(answer)
        cursor = answer.get_json()["next_cursor"]
        assert ("next" in answer.headers.get("Link", "")) == (cursor is not None)
        path = f"/v1/places?limit=4&cursor={cursor}" if cursor else ""

    assert found == whole


def test_a_cursor_is_bound_to_caller_and_filters(http: Http) -> None:
    cursor = http.get("/v1/places?limit=1").get_json()["next_cursor"]

    for path, who in (
        (f"/v1/places?limit=1&level=unit&cursor={cursor}", "dispatcher"),
        (f"/v1/places?limit=1&cursor={cursor}", "manager"),
        (f"/v1/places?limit=1&cursor={cursor[:-2]}", "dispatcher"),
        (f"/v1/crews?limit=1&cursor={cursor}", "dispatcher"),
    ):
        answer = http.get(path, who)
        assert answer.status_code == 400, path
        assert answer.get_json()["code"] == "invalid-cursor"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("place=lotus&level=household", ["h-2-101", "h-2-102"]),
        ("place=compound:lotus&level=building,unit", ["b2", "u1"]),
        ("place=street:lotus", []),
        ("place=pine", []),
        ("level=district", ["jinjiang"]),
    ],
)
def test_filters_narrow_the_list(http: Http, query: str, found: list[str]) -> None:
    answer = http.get(f"/v1/places?{query}&count=exact")

    assert ids(answer) == found
    assert answer.get_json()["total"] == len(found)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 422, "out_of_range"),
        ("limit=201", 422, "out_of_range"),
        ("limit=x", 422, "wrong_type"),
        ("level=castle", 422, "not_allowed"),
        ("levle=unit", 400, "unknown-parameter"),
    ],
)
def test_a_bad_query_is_refused_by_name(http: Http, query: str, status: int, code: str) -> None:
    answer = http.get(f"/v1/places?{query}")

    assert answer.status_code == status
    body = answer.get_json()
    assert code in (body["code"], *(error["code"] for error in body.get("errors", ())))


def test_a_crew_shows_shift_work_and_contact(http: Http) -> None:
    http.story.conn.execute(
        text('UPDATE crew SET shifts = \'[{"from": "20:00", "to": "08:00"}]\' WHERE id = \'c9\'')
    )
    order = http.open()
    for event in ("accept", "assign"):
        assert http.fire(order, event, "dispatcher").status_code == 201

    c7 = http.get("/v1/crews/c7").get_json()
    c9 = http.get("/v1/crews/c9").get_json()  # 08:00 sharp: the night shift is over

    assert (c7["on_shift"], c7["open_orders"], c7["vendor"]["id"]) == (True, 1, "v-lotus")
    assert (c9["on_shift"], c9["open_orders"]) == (False, 0)
    assert ids(http.get("/v1/crews", "crew")) == ["c7"]
    assert http.get("/v1/crews/c7", "crew").get_json()["last_contact_at"] is not None


@pytest.mark.parametrize("term", ["'2026-11-20'", "NULL"], ids=["ended", "unknown"])
def test_the_active_pool_is_a_filter(http: Http, term: str) -> None:
    http.story.conn.execute(
        text(f"UPDATE vendor SET pool_valid_until = {term} WHERE id = 'v-pool2'")
    )

    assert ids(http.get("/v1/vendors?pool=active")) == ["v-pool1"]
    assert ids(http.get("/v1/vendors?pool=active&trade=lift")) == []
    assert ids(http.get("/v1/vendors", "vendor_manager")) == ["v-lotus"]


def test_residents_read_utilities_and_neither_crews_nor_vendors(http: Http) -> None:
    assert ids(http.get("/v1/utilities", "resident")) == ["u-water"]
    assert http.get("/v1/crews", "resident").status_code == 403
    assert http.get("/v1/vendors", "resident").status_code == 403


def test_an_admin_adds_and_changes_a_place(http: Http) -> None:
    made = http.post(
        "/v1/places",
        {"id": "b3", "level": "building", "name": "3幢", "parent": "lotus", "slug": "3"},
        "admin",
    )
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == "/v1/places/b3"
    assert made.get_json()["path"] == "jinjiang/dongjie/lotus-c/lotus/3"
    assert made.get_json()["time_zone"] == "Asia/Shanghai"

    changed = http.patch("/v1/places/b3", {"name": "三幢"}, "admin", version=1)
    same = http.patch("/v1/places/b3", {"name": "三幢"}, "admin", version=2)

    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2"')
    assert (same.status_code, same.headers["ETag"]) == (200, '"v2"')


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"level": "building", "parent": "pine"}, "/parent", "unknown_place"),
        ({"level": "building", "parent": "nowhere"}, "/parent", "unknown_place"),
        ({"level": "street", "parent": "lotus"}, "/level", "not_allowed"),
        ({"level": "building", "parent": "lotus", "time_zone": "Mars/Base"}, "/time_zone",
         "not_allowed"),
        ({"level": "building", "parent": "lotus", "profile": "REP-DEFAULT"}, "/profile",
         "not_allowed"),
        ({"level": "compound", "parent": "lotus-c", "profile": "no-such"}, "/profile",
         "not_allowed"),
        ({"level": "building", "parent": "lotus", "path": "x"}, "/path", "unknown_field"),
        ({"level": "building"}, "/parent", "required"),
    ],
)  # fmt: skip
def test_a_place_that_does_not_fit_is_refused(
    http: Http, body: dict[str, str], pointer: str, code: str
) -> None:
    answer = http.post("/v1/places", {"id": "x1", "name": "x"} | body, "admin")

    assert answer.status_code == 422
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.get_json()["errors"]]


def test_a_template_profile_cannot_be_chosen_and_names_what_is_missing(http: Http) -> None:
    template = http.story.conn.execute(
        text("SELECT id, missing FROM sla_profile WHERE missing <> '{}' LIMIT 1")
    ).one()

    answer = http.patch("/v1/places/lotus", {"profile": template.id}, "admin", version="*")

    assert answer.status_code == 409
    body = answer.get_json()
    assert (body["profile"], body["missing"]) == (template.id, list(template.missing))
    chosen = http.patch("/v1/places/lotus", {"profile": "REP-DEFAULT"}, "admin", version="*")
    assert chosen.get_json()["profile"] == "REP-DEFAULT"


def test_a_patch_needs_the_present_version(http: Http) -> None:
    none = http.patch("/v1/crews/c7", {"name": "新名"}, "admin")
    stale = http.patch("/v1/crews/c7", {"name": "新名"}, "admin", version=7)
    locked = http.patch("/v1/crews/c7", {"open_orders": 3}, "admin", version=1)

    assert none.status_code == 428
    assert (stale.status_code, stale.get_json()["current_version"]) == (412, 1)
    assert locked.get_json()["errors"][0]["code"] == "read_only"


def test_only_an_admin_writes_and_only_inside_the_scope(http: Http) -> None:
    body = {"id": "c1", "name": "新班", "place": "lotus"}

    assert http.post("/v1/crews", body, "manager").status_code == 403
    assert http.patch("/v1/crews/c7", {"name": "x"}, "dispatcher", version=1).status_code == 403
    elsewhere = http.post("/v1/crews", body | {"place": "pine"}, "admin")
    assert elsewhere.get_json()["errors"][0]["pointer"] == "/place"
    assert http.post("/v1/crews", body, "admin").status_code == 201
    assert http.post("/v1/crews", body, "admin").status_code == 409


def test_crew_vendor_and_utility_are_made_and_changed(http: Http) -> None:
    vendor = {
        "id": "v9",
        "name": "安顺",
        "place": "lotus",
        "pool": {"active": True, "trades": ["lift"]},
    }
    crew = {
        "name": "夜班", "place": "lotus", "vendor": "v9", "skills": ["lift"],
        "certificates": [{"trade": "lift", "valid_until": "2027-06-30"}],
        "shifts": [{"from": "20:00", "to": "08:00"}],
    }  # fmt: skip
    utility = {"trade": "gas", "name": "燃气", "phone": "028-96777", "place": "lotus"}

    made = [
        http.post(f"/v1/{path}", body, "admin")
        for path, body in (("vendors", vendor), ("crews", crew), ("utilities", utility))
    ]
    assert [answer.status_code for answer in made] == [201, 201, 201], [a.text for a in made]
    changed = http.patch("/v1/vendors/v9", {"pool": {"active": False}}, "admin", version=1)

    assert made[1].get_json()["certificates"] == crew["certificates"]
    assert changed.get_json()["pool"] == {"active": False, "trades": ["lift"], "valid_until": None}
    ident = made[1].get_json()["id"]
    same = http.patch(f"/v1/crews/{ident}", {"shifts": crew["shifts"]}, "admin", version=1)
    assert same.headers["ETag"] == '"v1"'


def test_a_repeated_key_makes_one_row(http: Http) -> None:
    body = {"name": "夜班", "place": "lotus"}
    key = {"Idempotency-Key": "crew-1"}

    first = http.post("/v1/crews", body, "admin", headers=key)
    again = http.post("/v1/crews", body, "admin", headers=key)
    other = http.post("/v1/crews", body | {"name": "x"}, "admin", headers=key)

    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.get_json()["code"] == "idempotency-key-reused"


def test_parties_are_masked_and_kept_from_crews(http: Http) -> None:
    http.open()

    answer = http.get("/v1/parties", "auditor")
    party = answer.get_json()["data"][0]

    assert (party["name"], party["phone"]) == ("张**", "138****0001")
    assert "13800000001" not in answer.text
    assert http.get(f"/v1/parties/{party['id']}", "dispatcher").status_code == 200
    assert http.get(f"/v1/parties/{party['id']}", "other_dispatcher").status_code == 404
    assert http.get("/v1/parties", "crew").status_code == 403

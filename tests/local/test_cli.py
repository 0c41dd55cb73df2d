"""The `anju` command: what it prints, and with which code it ends."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from service.__main__ import main
from service.local.demo_file import DemoFile
from tests.support.worlds import copied_world

pytestmark = pytest.mark.db

SECRET = "a-secret-of-the-tests-with-forty-letters"


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


@pytest.fixture(scope="module")
def world(servers, built) -> Iterator[tuple[str, str, str, DemoFile]]:
    """A demo world with its URLs and keys."""
    with copied_world(servers, "anju_cli", built) as found:
        url = servers.postgres.url
        yield (
            url("anju_app", "anju_cli"),
            url("anju_owner", "anju_cli"),
            servers.redis_url,
            found.keys,
        )


@pytest.fixture
def anju(world, monkeypatch, capsys) -> Iterator[Callable[..., Ended]]:
    """Run `anju` in this process, as the dispatcher of the demo."""
    app, owner, redis_url, keys = world
    settings = {
        "ANJU_ENVIRONMENT": "test",
        "ANJU_DATABASE_URL": app,
        "ANJU_OWNER_DATABASE_URL": owner,
        "ANJU_REDIS_URL": redis_url,
        "ANJU_SECRET": SECRET,
        "ANJU_KEY": keys.keys["dispatcher"],
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["anju", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    yield run
    structlog.reset_defaults()


def open_order(anju) -> str:
    done = anju(
        "ticket", "create", "repair_order", "--place", "lotus-1-1-101", "--category", "water_leak",
        "--title", "厨房水管漏水", "--reporter-name", "张三", "--reporter-phone", "13800000001",
        "--json",
    )  # fmt: skip
    return done.json["ticket"]["number"]


def test_a_ticket_is_opened_moved_and_shown(anju):
    number = open_order(anju)
    accept = (
        "category=water_leak", "urgency=urgent", "part=private", "responsible=company",
        "class=urgent",
    )  # fmt: skip

    moved = anju("ticket", "event", number, "accept", *(w for a in accept for w in ("-s", a)))
    shown = anju("ticket", "show", number, "--json")
    drawn = anju("ticket", "show", number)

    assert moved.out.split() == [number, "accepted", "version", "2"]
    assert shown.json["state"] == "accepted"
    assert [line["type"] for line in shown.json["history"]] == ["submit", "accept"]
    assert "厨房水管漏水" in drawn.out
    assert "arrive" in drawn.out


def test_the_data_of_an_event_may_come_from_a_file_and_a_dry_run_writes_nothing(anju, tmp_path):
    number = open_order(anju)
    file = tmp_path / "cancel.json"
    file.write_text('{"reason": "误报"}', encoding="utf-8")

    tried = anju("ticket", "event", number, "cancel", "--input", str(file), "--dry-run", "--json")

    assert (tried.json["outcome"], tried.json["ticket"]["state"]) == ("dry_run", "cancelled")
    assert anju("ticket", "show", number, "--json").json["state"] == "submitted"


def test_tickets_are_listed_by_state(anju):
    found = anju("ticket", "list", "--state", "draft", "--json").json["data"]

    assert {row["state"] for row in found} == {"draft"}


def test_a_refusal_ends_with_1_and_says_what_the_api_would(anju):
    number = open_order(anju)

    forbidden = anju("ticket", "event", number, "take")
    absent = anju("ticket", "show", "RO-20000101-0001")
    faulty = anju("ticket", "event", number, "accept")

    assert (forbidden.code, absent.code, faulty.code) == (1, 1, 1)
    assert "forbidden-event" in forbidden.err
    assert "not-found" in absent.err
    assert "/data/urgency" in faulty.err


def test_wrong_usage_ends_with_2(anju, monkeypatch):
    assert anju("ticket", "list", "--limit", "0").code == 2
    assert anju("nothing").code == 2
    monkeypatch.delenv("ANJU_KEY")
    assert "ANJU_KEY" in anju("ticket", "list").err
    monkeypatch.setenv("ANJU_DATABASE_URL", "mysql://x/y")
    wrong = anju("key", "list")
    assert (wrong.code, "ANJU_DATABASE_URL" in wrong.err) == (2, True)


def test_an_unreachable_database_ends_with_3(anju, monkeypatch):
    monkeypatch.setenv("ANJU_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")

    assert anju("ticket", "list").code == 3


def test_a_key_is_read_from_a_file_and_a_bad_one_is_refused(anju, world, monkeypatch, tmp_path):
    monkeypatch.delenv("ANJU_KEY")
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(world[3].keys["manager"] + "\n", encoding="utf-8")
    bad.write_text("anju_live_nonsense", encoding="utf-8")

    assert anju("ticket", "list", "--key-file", str(good)).code == 0
    refused = anju("ticket", "list", "--key-file", str(bad))
    assert (refused.code, "unauthenticated" in refused.err) == (1, True)


def test_a_key_is_made_listed_without_its_secret_and_revoked(anju, monkeypatch):
    made = anju(
        "key", "create", "--role", "manager", "--place", "jinjiang", "--name", "新经理", "--json"
    ).json
    listed = anju("key", "list", "--json")

    assert made["prefix"] in {row["prefix"] for row in listed.json["data"]}
    assert made["key"] not in listed.out
    monkeypatch.setenv("ANJU_KEY", made["key"])
    assert anju("ticket", "list").code == 0
    assert anju("key", "revoke", made["id"]).code == 0
    assert anju("ticket", "list").code == 1


def test_a_clock_is_proved(anju):
    number = open_order(anju)

    proof = anju("clock", "explain", number, "ack", "--json").json

    assert (proof["clock"], proof["target_s"]) == ("ack", 900)
    assert anju("clock", "explain", number, "nothing").code == 1


@pytest.mark.parametrize(
    ("form", "sign"),
    [("markdown", "| `accept` |"), ("mermaid", "stateDiagram-v2"), ("svg", "<svg"), ("json", "{")],
)
def test_a_workflow_is_shown_in_every_format(anju, form, sign):
    done = anju("workflow", "show", "repair_order", "--format", form)

    assert done.code == 0
    assert sign in done.out


def test_the_openapi_document_and_the_version_need_no_service(anju, monkeypatch):
    monkeypatch.delenv("ANJU_DATABASE_URL")

    assert anju("openapi").json["openapi"] == "3.1.0"
    assert anju("version", "--json").json.keys() == {"version"}


def test_the_audit_finds_the_demo_world_sound(anju):
    done = anju("audit", "verify", "--json")

    assert (done.code, done.json["sound"]) == (0, True)
    assert done.json["tickets"] >= 200


def findings(anju) -> dict[str, dict]:
    return {row["check"]: row for row in anju("doctor", "--json").json["findings"]}


def test_the_doctor_names_the_cure_of_what_it_finds(anju, monkeypatch):
    well = findings(anju)
    monkeypatch.setenv("ANJU_SECRET", "short")
    monkeypatch.setenv("ANJU_REDIS_URL", "redis://127.0.0.1:1")
    ill = findings(anju)

    assert anju("doctor").code == 1
    assert well["migrations"]["ok"]
    assert well["secret"]["ok"]
    assert well["redis"]["ok"]
    assert (well["ticker"]["ok"], well["ticker"]["cure"]) == (False, "anju ticker")
    assert (well["worker"]["ok"], well["worker"]["cure"]) == (False, "anju worker")
    assert ill["secret"]["cure"].startswith("export ANJU_SECRET=")
    assert "ANJU_REDIS_URL" in ill["redis"]["cure"]


def test_the_doctor_asks_for_migrations_of_an_empty_database(anju, servers, monkeypatch):
    servers.postgres.create_database("anju_bare")
    monkeypatch.setenv("ANJU_DATABASE_URL", servers.postgres.url("anju_app", "anju_bare"))

    found = findings(anju)

    assert found["migrations"]["cure"] == "anju db upgrade"


def test_a_database_is_upgraded_once_and_again(anju, servers, monkeypatch):
    servers.postgres.create_database("anju_upgraded")
    for name, role in (
        ("ANJU_DATABASE_URL", "anju_app"),
        ("ANJU_OWNER_DATABASE_URL", "anju_owner"),
    ):
        monkeypatch.setenv(name, servers.postgres.url(role, "anju_upgraded"))

    assert anju("db", "upgrade").code == 0
    assert anju("db", "upgrade").code == 0
    assert findings(anju)["migrations"]["ok"]


def test_a_replay_needs_an_empty_database(anju, tmp_path: Path):
    file = tmp_path / "rows.csv"
    file.write_text("a,b\n", encoding="utf-8")

    done = anju("replay", str(file), "--map", "nyc311_full")

    assert done.code == 1

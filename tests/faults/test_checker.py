"""What clients were told, held against the database: each kind of contradiction is named."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from service.local.servers import Servers
from tests.faults import checker, scenes
from tests.faults.asked import commands
from tests.faults.journal import OPEN, Call, Journal, read
from tests.faults.planting import kinds
from tests.faults.scenes import World
from tests.support.servers import copied_database

Calls = Sequence[Call]

CALL = Call(
    client="c1", actor="dispatcher", role="dispatcher", method="POST", path="/v1/x", asks="accept",
    ticket="t1", event_id="e1", sent_at=1.0, answered_at=2.0, status=201,
    content_type="application/json",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(
    servers: Servers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world in which the scene at the desk was played, to be looked at only."""
    with (
        copied_database(servers, "anju_checked") as database,
        scenes.world_in(database, tmp_path_factory.mktemp("checker")) as made,
    ):
        scenes.play(made, [scenes.desk])
        yield made


def found(world: World, calls: Calls) -> set[tuple[str, str]]:
    return kinds(checker.check(calls, world.live.app.ports.uow))


def only(calls: Calls, asks: str) -> Call:
    return next(call for call in calls if call.asks == asks)


@pytest.mark.db
def test_the_journal_as_written_is_without_contradiction(world: World):
    assert found(world, list(read(world.journal_file))) == set()


@pytest.mark.db
@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        pytest.param(
            lambda calls: [c for c in calls if c.asks != "accept"],
            ("I4", "unasked"),
            id="nobody-asked",
        ),
        pytest.param(
            lambda calls: [c for c in calls if c.asks != "add_note"],
            ("I4", "unasked"),
            id="nobody-wrote-the-note",
        ),
        pytest.param(
            lambda calls: [*calls, replace(only(calls, "accept"), event_id="lost", body=None)],
            ("I3", "lost"),
            id="acknowledged-and-lost",
        ),
        pytest.param(
            lambda calls: [replace(c, status=409) if c.asks == "accept" else c for c in calls],
            ("I4", "refused"),
            id="refused-and-done",
        ),
        pytest.param(
            lambda calls: [*calls, replace(only(calls, "accept"), asks=OPEN, key="new",
                                           event_id=None, ticket=None, body=None)],
            ("I3", "lost"),
            id="an-opening-that-left-no-order",
        ),
    ],
)  # fmt: skip
def test_a_contradiction_has_a_name(
    world: World, spoil: Callable[[Calls], Calls], kind: tuple[str, str]
):
    calls = [replace(call, key=None) if call.asks == "accept" else call
             for call in read(world.journal_file)]  # fmt: skip

    assert kind in found(world, spoil(calls))


@pytest.mark.db
def test_an_unknown_call_may_have_happened_or_not_but_explains_only_one_event(world: World):
    calls = list(read(world.journal_file))
    note = only(calls, "add_note")
    others = [call for call in calls if call != note]
    vague = replace(note, status=None, body=None)

    assert found(world, [*others, vague]) == set()
    assert found(world, [*calls, vague]) == set()
    assert found(world, [*others, replace(vague, ticket="another")]) == {("I4", "unasked")}


@pytest.mark.db
def test_two_commands_may_not_share_an_event(world: World):
    calls = list(read(world.journal_file))
    twin = replace(only(calls, "add_note"), client="c2")

    assert found(world, [*calls, twin]) == {("I3", "lost")}


@pytest.mark.db
def test_what_was_there_before_the_journal_needs_nobody_to_ask_for_it(world: World):
    uow = world.live.app.ports.uow

    assert checker.check([], uow, before=checker.events_now(uow)) == []


@pytest.mark.db
def test_a_foreign_ticket_or_text_in_an_answer_is_seen(world: World):
    calls = list(read(world.journal_file))
    foreign = next(c for c in calls if c.actor == "other_dispatcher" and c.asks == OPEN)
    shown = replace(foreign, actor="dispatcher", asks="read", method="GET")

    assert found(world, [*calls, shown]) == {("I7", "ticket"), ("I7", "canary")}
    assert found(world, [*calls, replace(shown, actor="crew")]) >= {("I7", "ticket")}
    assert found(world, [*calls, replace(shown, body={"data": [{"deep": shown.body}]})]) >= {
        ("I7", "ticket")
    }


@pytest.mark.db
def test_a_crew_sees_only_what_it_was_given(world: World):
    calls = list(read(world.journal_file))
    mine = next(c for c in calls if c.key == "first")
    shown = replace(mine, actor="crew", asks="read", method="GET", key=None)

    assert found(world, [*calls, shown]) == {("I7", "ticket")}


@pytest.mark.parametrize(
    ("answer", "kinds_found"),
    [
        pytest.param({"status": 404, "problem": "not-found"}, set(), id="a-listed-problem"),
        pytest.param({"status": 404, "problem": "lost-it"}, {"problem"}, id="an-unlisted-one"),
        pytest.param(
            {"status": 404, "problem": "not-found", "content_type": "text/html"},
            {"problem"},
            id="a-page",
        ),
        pytest.param(
            {"status": 429, "problem": "rate-limited"}, {"retry_after"}, id="no-word-of-when"
        ),
        pytest.param(
            {"status": 503, "problem": "storage-unavailable", "retry_after": "soon"},
            {"retry_after"},
            id="no-number-of-seconds",
        ),
        pytest.param(
            {"status": 503, "problem": "storage-unavailable", "retry_after": "5"},
            set(),
            id="come-back-in-five",
        ),
        pytest.param({"status": 500, "problem": "internal"}, {"internal"}, id="our-fault"),
        pytest.param({"status": None}, set(), id="no-answer"),
        pytest.param({"status": 304, "content_type": ""}, set(), id="not-modified"),
    ],
)
def test_refusals_are_known_and_say_when_to_come_back(answer: dict, kinds_found: set[str]):
    call = replace(CALL, **({"content_type": "application/problem+json"} | answer))

    assert {f.check for f in checker.check_refusals([call])} == kinds_found


def test_a_log_that_holds_a_secret_is_named_and_the_secret_is_not(tmp_path: Path):
    log, clean = tmp_path / "leaky.log", tmp_path / "clean.log"
    log.write_text('{"event": "reported", "phone": "13800007788"}')
    clean.write_text('{"event": "reported"}')

    (finding,) = checker.check_logs([log, clean], {"13800007788", "whsec_x"})

    assert finding.invariant == "I11"
    assert "leaky.log" in finding.detail
    assert "7788" not in checker.table([finding])


def test_calls_under_one_identity_are_one_command():
    again = replace(CALL, status=200)
    keyed = replace(CALL, event_id=None, key="k")
    opened = replace(CALL, event_id=None, asks=OPEN)
    bare = replace(CALL, event_id=None)
    look = replace(CALL, asks="read")

    sizes = [len(command.calls) for command in commands(
        [CALL, again, keyed, keyed, replace(keyed, actor="crew"), opened, opened, bare, bare, look]
    )]  # fmt: skip

    assert sizes == [2, 2, 1, 2, 1, 1]


def test_a_journal_is_read_back_and_a_torn_line_passed_over(tmp_path: Path):
    journal = Journal(tmp_path / "j.jsonl")
    journal.add(CALL)
    journal.close()
    with journal.place.open("a") as file:
        file.write('{"client": "c')

    assert list(read(journal.place)) == [CALL]

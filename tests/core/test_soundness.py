"""A table that contradicts itself is refused when it is imported."""

from dataclasses import replace

import pytest
from marshmallow import Schema

from service.core.actors import Role
from service.core.soundness import InvalidWorkflow, sound
from service.core.workflow import BIRTH, ClockAction, State, Step, Workflow

D, W = frozenset({Role.DISPATCHER}), frozenset({Role.SYSTEM})
START, STOP = ClockAction("start", "ack"), ClockAction("stop", "ack")
OPEN = Step("open", (BIRTH,), "new", D, clocks=(START,))
CLOSE = Step("close", ("new",), "done", D, clocks=(STOP,))
SMALL = Workflow(
    kind="small",
    collection="smalls",
    prefix="SM",
    version=1,
    states=(State("new"), State("done", terminal=True)),
    steps=(OPEN, CLOSE),
    clock_names=("ack",),
    create=Schema,
)


def changed(*steps, **changes):
    """Return a fresh small workflow, so that nothing it has computed is kept."""
    return replace(SMALL, steps=(*SMALL.steps, *steps), **changes)


def test_a_table_without_contradiction_is_returned():
    assert sound(SMALL) is SMALL


@pytest.mark.parametrize(
    ("workflow", "fault"),
    [
        (changed(states=(*SMALL.states, State("lost"))), "state lost is unreachable"),
        (changed(Step("go", ("new",), "nowhere", D)), "go names unknown state nowhere"),
        (changed(Step("go", ("never",), "done", D)), "go names unknown state never"),
        (changed(Step("again", ("done",), "new", D)),
         "again leaves terminal ['done'] without reopening"),
        (changed(Step("go", ("new",), "done", D, clocks=(ClockAction("stop", "x"),))),
         "unknown clock x"),
        (changed(Step("go", ("new",), "done", D, clocks=(ClockAction("stop", "arrive"),)),
                 clock_names=("ack", "arrive")),
         "clock arrive is stopped but never started"),
        (replace(SMALL, steps=(OPEN, replace(CLOSE, clocks=()))),
         "clock ack is started but never stopped"),
        (changed(on_due={"ack": "close"}), "clock ack fires close, which SYSTEM may not"),
        (changed(on_due={"ack": "gone"}), "clock ack fires gone, which SYSTEM may not"),
        (changed(Step("close", ("new",), "new", D)),
         "two rows of close from new cannot be told apart"),
        (changed(Step("close", ("new",), "new", D, chooses=lambda _s: True)),
         "two rows of close from new cannot be told apart"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named(workflow, fault):
    with pytest.raises(InvalidWorkflow, match="small: ") as caught:
        sound(workflow)

    assert fault in str(caught.value)


def test_every_contradiction_is_named_at_once():
    workflow = changed(Step("go", ("new",), "nowhere", D), states=(*SMALL.states, State("lost")))

    with pytest.raises(InvalidWorkflow) as caught:
        sound(workflow)

    assert "nowhere" in str(caught.value)
    assert "lost" in str(caught.value)


def test_a_terminal_state_may_be_left_by_reopening():
    again = Step("again", ("done",), "new", D, reopens=True)

    assert sound(changed(again))


def test_two_rows_are_told_apart_when_all_but_the_last_choose():
    chosen = Step("close", ("new",), "new", D, chooses=lambda _s: True)

    assert sound(replace(SMALL, steps=(OPEN, chosen, CLOSE)))


def test_system_may_fire_what_follows_a_breach():
    steps = (OPEN, replace(CLOSE, roles=D | W))

    assert sound(replace(SMALL, steps=steps, on_due={"ack": "close"}))

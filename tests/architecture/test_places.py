"""What may stand in one place only."""

import ast

from tests.support.sources import docstrings, modules, name, tree


def test_only_the_unit_of_work_commits():
    found = {
        name(path)
        for path in modules("service")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    }

    assert found <= {"service/store/unit_of_work.py"}


def test_only_the_draft_writes_a_tickets_state():
    found = {
        name(path)
        for path in modules("service")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == "state"
        and not name(path).startswith("service/sla/")  # an interval's state, in an answer
    }

    assert found <= {"service/commands/draft.py"}


def test_only_the_store_updates_tickets_and_nothing_updates_the_history():
    found = {
        (name(path), statement)
        for path in modules("service")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for statement in ("UPDATE ticket ", "UPDATE event", "DELETE FROM event")
        if statement in node.value
    }

    assert found <= {("service/store/ticket.py", "UPDATE ticket ")}


def test_only_the_store_reads_the_clock():
    found = {
        name(path)
        for path in modules("service", "config")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "app_now(" in node.value
        and id(node) not in docstrings(path)
    }

    # The demo and the replay move the clock, so they speak of it too.
    homes = ("service/store/", "service/local/")
    assert all(place.startswith(homes) for place in found), found

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


def test_only_the_record_writes_a_state():
    found = {
        name(path)
        for path in modules("service")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr == "state"
        and isinstance(node.ctx, ast.Store)
    }

    assert found <= {"service/commands/record.py"}


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

    assert all(place.startswith("service/store/") for place in found), found

import ast
import re
import sys
import tomllib

import pytest

from tests.support.sources import ROOT, tree

LOCKS = ("requirements.lock", "requirements-test.lock")


def pins(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(
        re.findall(r"^([a-z0-9.-]+(?:==\S+)(?: ;[^\\]*)?) \\\n((?: +--hash=\S+.*\n)+)", text, re.M)
    )


def bare(requirement):
    return re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert len(re.findall(r"^[a-z0-9]", text, re.M)) == len(pins(lock)) > 0


def test_tests_run_against_the_versions_that_are_shipped():
    assert set(pins(LOCKS[0])) <= set(pins(LOCKS[1]))


def test_everything_declared_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    declared = project["project"]["dependencies"] + groups["build"]

    locked = {bare(pin) for pin in pins(LOCKS[0])}
    assert {bare(one) for one in declared} <= locked
    assert {bare(one) for one in groups["test"]} <= {bare(pin) for pin in pins(LOCKS[1])}


def test_the_starter_needs_nothing_but_the_standard_library():
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module).partition(".")[0]
        for node in ast.walk(tree(ROOT / "dev.py"))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert imported <= sys.stdlib_module_names

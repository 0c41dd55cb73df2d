"""Each kind of ticket is a table and its words; nothing else is written for it."""

import ast
import re

import pytest

from service.bootstrap import load_catalogue, load_profiles
from service.core.messages import LANGUAGES, catalogue
from service.workflows import REGISTRY
from tests.support.golden import FOLDER
from tests.support.samples import samples_of
from tests.support.sources import ROOT, docstrings, modules, name, tree

KINDS = tuple(workflow.kind for workflow in REGISTRY)
WORKFLOWS = pytest.mark.parametrize("workflow", REGISTRY, ids=KINDS)
GOLDEN = ("{}.md", "{}.mmd", "{}_matrix.md")

HOMES = ("service/workflows/", "service/local/")
"""Tables; and the demo, the replay and the command line, which drive particular kinds."""

NAMING = {
    "service/jobs/reactions.py",  # what follows in another ticket, a table
    "service/jobs/follow_ups.py",
    "service/api/case_file.py",  # the one resource that only disputes have
    "service/store/audit/tiers.py",  # and the check of what only they have
    "service/api/webhooks.py",  # an example in the API's document
}
"""The other modules that may name a kind, beside what the calendar does (`scheduled`)."""


def scheduled() -> set[str]:
    """Return the modules from which `service/jobs/schedules.py` takes what is run when."""
    return {
        f"{node.module.replace('.', '/')}.py"
        for node in ast.walk(tree(ROOT / "service/jobs/schedules.py"))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("service.jobs.")
    }


def test_every_kind_its_collection_and_its_prefix_are_of_one_workflow():
    for names in (
        KINDS,
        [workflow.collection for workflow in REGISTRY],
        [workflow.prefix for workflow in REGISTRY],
    ):
        assert len(set(names)) == len(names)


@WORKFLOWS
def test_a_kind_has_a_catalogue(workflow):
    assert (ROOT / f"config/catalogue/{workflow.kind}.toml").is_file()
    assert load_catalogue().of(workflow.kind).codes


@WORKFLOWS
def test_a_kind_has_an_sla_profile_of_its_family(workflow):
    assert (ROOT / f"config/sla/{workflow.family}.toml").is_file()
    assert workflow.default_profile in {profile.id for profile in load_profiles()}


@WORKFLOWS
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_kind_has_words(workflow, lang):
    words = catalogue(lang)

    assert f"kind.{workflow.kind}" in words
    assert any(code.startswith(f"event.{workflow.kind}.") for code in words)


@WORKFLOWS
def test_a_kind_has_samples_that_open_it(workflow):
    samples = samples_of(workflow.kind)

    assert samples.BENCH.workflow is workflow
    assert set(samples.DATA) <= set(workflow.events)


@WORKFLOWS
def test_a_kind_has_golden_files(workflow):
    for named in GOLDEN:
        assert (FOLDER / named.format(workflow.kind)).is_file()


def test_no_golden_file_is_left_of_a_kind_that_is_gone():
    expected = {named.format(kind) for kind in KINDS for named in GOLDEN}

    assert {path.name for path in FOLDER.iterdir()} == expected


def test_nothing_is_written_per_kind():
    collections = "|".join(workflow.collection for workflow in REGISTRY)
    kind = re.compile(rf"(?:{'|'.join(KINDS)})(?:\.\w+)?|/v1/(?:{collections})(?:/.*)?")

    found = {
        name(path)
        for path in modules("service")
        if not name(path).startswith(HOMES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and kind.fullmatch(node.value)
        and id(node) not in docstrings(path)
    }

    assert found <= NAMING | scheduled()

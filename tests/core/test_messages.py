"""Everything a person may read has words in three languages."""

import re

import pytest

from service.core.actors import Role
from service.core.messages import DEFAULT, LANGUAGES, catalogue, text
from service.core.workflow import Mark
from service.edge.problems import SLUGS
from service.sla.profile import URGENCIES
from service.workflows import REGISTRY, event_data, repair_words
from tests.support.repair import CATALOGUE
from tests.support.sources import ROOT, modules

LANGUAGE = pytest.mark.parametrize("lang", LANGUAGES)
WORKFLOW = pytest.mark.parametrize("workflow", REGISTRY, ids=lambda w: w.kind)


def missing(lang, prefix, codes):
    return [f"{prefix}.{code}" for code in codes if f"{prefix}.{code}" not in catalogue(lang)]


@LANGUAGE
@WORKFLOW
def test_a_workflow_has_words_for_everything(workflow, lang):
    guards = {rule.code for step in workflow.steps for rule in step.guards}

    assert not missing(lang, "kind", [workflow.kind])
    assert not missing(lang, f"state.{workflow.kind}", [s.name for s in workflow.states])
    assert not missing(lang, f"event.{workflow.kind}", [*workflow.events, *Mark])
    assert not missing(lang, "clock", workflow.clock_names)
    assert not missing(lang, "guard", [*guards, "state", "role", "not_applicable"])


@LANGUAGE
@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("role", list(Role)),
        ("urgency", URGENCIES),
        ("part", repair_words.PARTS),
        ("class", repair_words.CLASSES),
        ("responsible", repair_words.RESPONSIBLE),
        ("origin", repair_words.ORIGINS),
        ("channel", event_data.CHANNELS),
        ("rating", repair_words.RATINGS),
        ("call_outcome", repair_words.CALL_OUTCOMES),
        ("check", repair_words.CONFINED_SPACE_CHECKS),
        ("trade", {CATALOGUE.get(code).trade for code in CATALOGUE.codes}),
        ("result", ("met", "breached", "breached_excused", "not_applicable")),
    ],
)
def test_the_words_of_the_domain_are_there(prefix, codes, lang):
    assert not missing(lang, prefix, codes)


@LANGUAGE
def test_every_problem_has_title_and_detail(lang):
    for part in ("title", "detail"):
        assert not missing(lang, "problem", [f"{slug}.{part}" for slug in SLUGS])


FAULT = re.compile(r'(?:fault\(|FieldError\([^"()]*(?:"[^"]*")?,\s*)"([a-z_]+)"')


@LANGUAGE
def test_every_field_code_in_the_source_has_words(lang):
    codes = {
        code
        for path in modules("service")
        for code in FAULT.findall(path.read_text(encoding="utf-8"))
    }

    assert {"wrong_type", "required", "unknown_place"} & codes
    assert not missing(lang, "field", sorted(codes))


NOTICE = re.compile(r'^[A-Z_]+ = "((\w+)\.[a-z_]+)"$', re.MULTILINE)
KINDS = {workflow.kind for workflow in REGISTRY}


def notices() -> set[str]:
    """Return the extra topics that workflows send, each a constant of its module."""
    sources = (p.read_text("utf-8") for p in (ROOT / "service/workflows").glob("*.py"))
    found = (pair for source in sources for pair in NOTICE.findall(source))
    return {topic for topic, kind in found if kind in KINDS}


@LANGUAGE
def test_notices_have_words(lang):
    topics = notices()

    assert {"repair_order.broadcast", "repair_order.rework_notice"} <= topics
    assert not missing(lang, "notice", sorted(topics))


def test_all_languages_have_the_same_codes():
    assert catalogue("zh-Hans").keys() == catalogue("zh-Hant").keys() == catalogue("en").keys()


def test_traditional_is_not_simplified_script():
    assert text("event.repair_order.start_work", "zh-Hant") == "開始維修"
    assert text("event.repair_order.start_work", "zh-Hans") == "开始维修"


def test_an_unknown_code_is_returned_and_an_unknown_language_is_the_default():
    assert text("guard.no_such_code", "en") == "guard.no_such_code"
    assert text("role.crew", "fr") == text("role.crew", DEFAULT)


def test_parameters_are_filled_in():
    assert text("{n} orders", "en", n=3) == "3 orders"

"""PATCH on every kind of ticket: a new title alone is never refused for what it leaves out."""

from typing import Any

import pytest

from service.core.workflow import AMEND, Workflow
from service.workflows import REGISTRY
from tests.support.http import Http
from tests.support.roads import road_of

pytestmark = pytest.mark.db

KINDS = pytest.mark.parametrize("workflow", REGISTRY, ids=lambda workflow: workflow.kind)
EDITABLE = [workflow for workflow in REGISTRY if workflow.editable_facts]


def patched(http: Http, workflow: Workflow, patch: Any) -> Any:
    """Open the ordinary ticket of a kind and patch it as somebody who may."""
    ticket = road_of(workflow.kind).open(http.story)
    opener = road_of(workflow.kind).by
    able = sorted(str(role) for role in workflow.roles_of[AMEND])
    who = opener if opener in able else able[0]
    return http.patch(f"/v1/{workflow.collection}/{ticket}", patch, who, version="*")


@KINDS
def test_a_title_is_changed(http: Http, workflow: Workflow) -> None:
    answer = patched(http, workflow, {"title": "新标题"})

    assert answer.status_code == 200, answer.text
    assert answer.get_json()["title"] == "新标题"


@pytest.mark.parametrize("workflow", EDITABLE, ids=lambda workflow: workflow.kind)
def test_a_fact_of_the_wrong_type_is_named(http: Http, workflow: Workflow) -> None:
    name = min(workflow.editable_facts)

    answer = patched(http, workflow, {"facts": {name: {"no": "such thing"}}})

    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"/facts/{name}"]

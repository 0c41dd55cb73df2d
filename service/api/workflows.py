"""`/v1/workflows`: the tables themselves, as data and as drawings (API 13)."""

from collections.abc import Callable, Mapping

from service.core.errors import NotFound
from service.core.messages import text
from service.core.workflow import Workflow
from service.edge.reading import Count, Params
from service.edge.routes import ANY, Answer, Call, Policy, Route
from service.workflows.drawing import as_svg
from service.workflows.render import as_json, as_mermaid

_SVG, _PLAIN = "image/svg+xml", "text/plain"
# The drawing carries its own style sheet, and nothing else that runs or loads.
_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_FORMS: Mapping[str, Callable[[Workflow, str], Answer]] = {
    "json": lambda workflow, lang: Answer(200, as_json(workflow, lang)),
    "svg": lambda workflow, lang: Answer(200, as_svg(workflow, lang).encode(), {}, _SVG),
    "mmd": lambda workflow, lang: Answer(200, as_mermaid(workflow, lang).encode(), {}, _PLAIN),
}


class VersionQuery(Params):
    """`version` asks for one edition of the table; one that is not kept is not found."""

    version = Count(least=1)


def list_workflows(call: Call) -> Answer:
    """Answer every kind with where its table and drawings are."""
    data = [
        {
            "kind": workflow.kind,
            "label": text(f"kind.{workflow.kind}", call.lang),
            "version": workflow.version,
            "collection": f"/v1/{workflow.collection}",
            "links": {form: f"/v1/workflows/{workflow.kind}.{form}" for form in _FORMS},
        }
        for workflow in call.ports.registry.values()
    ]
    return Answer(200, {"data": data, "has_more": False, "next_cursor": None})


def get_workflow(call: Call) -> Answer:
    """Answer one table in the form its suffix names. Unknown kind or suffix: 404."""
    kind, _, form = call.path["name"].partition(".")
    workflow = call.ports.registry.get(kind)
    if workflow is None or form not in _FORMS:
        raise NotFound
    if call.query.get("version", workflow.version) != workflow.version:
        raise NotFound
    answer = _FORMS[form](workflow, call.lang)
    spoken = {"Content-Language": call.lang, "Vary": "Accept-Language"}
    if answer.media_type == _SVG:
        spoken["Content-Security-Policy"] = _SVG_POLICY
    return Answer(answer.status, answer.body, spoken, answer.media_type)


ROUTES = (
    Route(method="GET", path="/v1/workflows", policy=Policy(ANY), handler=list_workflows,
          tag="workflows", summary="List workflows"),
    Route(method="GET", path="/v1/workflows/{name}", policy=Policy(ANY), handler=get_workflow,
          tag="workflows", summary="A workflow as json, svg or mmd", query=VersionQuery),
)  # fmt: skip

"""Every workflow the service runs, one table each."""

from collections.abc import Iterable, Mapping

from service.core.workflow import Workflow
from service.workflows.repair_order import REPAIR_ORDER

REGISTRY = (REPAIR_ORDER,)


def by_kind(workflows: Iterable[Workflow]) -> Mapping[str, Workflow]:
    """Return workflows by the kind of ticket they move."""
    return {workflow.kind: workflow for workflow in workflows}

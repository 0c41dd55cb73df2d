"""Every workflow the service runs, one table each."""

from collections.abc import Iterable, Mapping

from service.core.actors import Role
from service.core.workflow import Workflow
from service.workflows.complaint import COMPLAINT
from service.workflows.dispute_case import DISPUTE_CASE
from service.workflows.hazard import HAZARD
from service.workflows.list_decision import LIST_DECISION
from service.workflows.listed_supervision import LISTED_SUPERVISION
from service.workflows.rectification_order import RECTIFICATION_ORDER
from service.workflows.repair_order import REPAIR_ORDER
from service.workflows.vendor_assessment import VENDOR_ASSESSMENT

REGISTRY = (
    REPAIR_ORDER,
    RECTIFICATION_ORDER,
    VENDOR_ASSESSMENT,
    LIST_DECISION,
    COMPLAINT,
    LISTED_SUPERVISION,
    DISPUTE_CASE,
    HAZARD,
)

CONFIDENTIAL: Mapping[tuple[str, str], frozenset[Role]] = {
    (workflow.kind, event): readers
    for workflow in REGISTRY
    for event, readers in workflow.confidential.items()
}
"""By (kind, event): who may read its lines, beside who acted and SYSTEM."""


def by_kind(workflows: Iterable[Workflow]) -> Mapping[str, Workflow]:
    """Return workflows by the kind of ticket they move."""
    return {workflow.kind: workflow for workflow in workflows}

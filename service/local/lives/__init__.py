"""Stories of every kind of ticket but repair orders: what they have lived, what moves them.

One module a kind holds its script; a kind that the service does not run is left out.
"""

from collections.abc import Collection, Mapping

from service.local.lives.complaint import SCRIPT as COMPLAINT
from service.local.lives.dispute_case import SCRIPT as DISPUTE_CASE
from service.local.lives.hazard import SCRIPT as HAZARD
from service.local.lives.list_decision import SCRIPT as LIST_DECISION
from service.local.lives.listed_supervision import SCRIPT as LISTED_SUPERVISION
from service.local.lives.rectification_order import SCRIPT as RECTIFICATION_ORDER
from service.local.lives.script import Script
from service.local.lives.vendor_assessment import SCRIPT as VENDOR_ASSESSMENT

_SCRIPTS = (
    COMPLAINT,
    DISPUTE_CASE,
    HAZARD,
    LIST_DECISION,
    LISTED_SUPERVISION,
    RECTIFICATION_ORDER,
    VENDOR_ASSESSMENT,
)


def scripts(kinds: Collection[str]) -> Mapping[str, Script]:
    """Return the scripts of the kinds that are run, by kind."""
    return {script.kind: script for script in _SCRIPTS if script.kind in kinds}

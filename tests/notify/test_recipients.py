"""Every topic has a consumer, and every route a producer."""

import re
from pathlib import Path

from service.core.workflow import SIDE_DOORS
from service.notify.recipients import ROUTES
from service.workflows import REGISTRY
from tests.support.sources import ROOT

SLA = {"sla.warned", "sla.breached", "sla.escalated", "sla.corrected"}
_NOTICE = re.compile(r'^[A-Z_]+ = "([a-z_]+\.[a-z_]+)"$', re.MULTILINE)


def notices() -> set[str]:
    """Return the further topics that workflows declare as constants."""
    folder: Path = ROOT / "service" / "workflows"
    found = (_NOTICE.findall(path.read_text(encoding="utf-8")) for path in folder.glob("*.py"))
    return {topic.partition(".")[2] for topics in found for topic in topics}


def test_every_notice_has_a_route() -> None:
    assert notices() - ROUTES.keys() == set()


def test_every_route_has_a_producer() -> None:
    events = {event for workflow in REGISTRY for event in workflow.events}

    assert ROUTES.keys() - SLA - SIDE_DOORS - events - notices() == set()


def test_every_clock_topic_has_a_route() -> None:
    assert ROUTES.keys() >= SLA

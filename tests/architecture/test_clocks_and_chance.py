"""Time and chance come from outside: the few places that ask for them are listed here."""

import ast
import re

from tests.support.sources import ROOT, modules, name, tree

ASKING = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "time.sleep", "uuid.uuid4"}
CHANCE = {"random", "secrets"}
WITH_CHANCE = {
    "service/core/ids.py", "service/core/keys.py", "service/core/webhook_secret.py",
    "service/commands/links.py", "service/edge/visit.py",
}  # fmt: skip
WITH_CLOCK = {"service/core/ids.py", "service/edge/quota.py"}  # a quota is real time


def test_nobody_else_asks_the_wall_clock():
    found = {
        name(path)
        for path in modules("service", "config")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ASKING
    }

    assert {place for place in found if not place.startswith("service/local/")} <= WITH_CLOCK


def test_nobody_else_throws_dice():
    found = {
        name(path)
        for path in modules("service", "config")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Import) and CHANCE & {alias.name for alias in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module in CHANCE)
    }

    assert {place for place in found if not place.startswith("service/local/")} <= WITH_CHANCE


MACHINE = re.compile(r"\b(?:retry_at|lease_until|wall_at|slow_until|parked_at) *[<>=]+ *app_now")


def test_no_lease_or_pause_is_measured_by_the_services_clock():
    sources = [*modules("service/store"), *(ROOT / "service/store").rglob("*.sql")]

    found = [name(path) for path in sources if MACHINE.search(path.read_text(encoding="utf-8"))]

    assert not found

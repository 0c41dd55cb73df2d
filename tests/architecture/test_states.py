"""States are compared in `workflows/` only: elsewhere one asks what is available."""

import ast

from service.workflows import REGISTRY
from tests.support.sources import modules, name, tree

STATES = {state.name for workflow in REGISTRY for state in workflow.states}
# The sweep of clocks and the demo world know clocks' states and drive a script; `sla` has its own.
HOMES = ("service/workflows/", "service/local/", "service/sla/")


def names_a_state(node: ast.AST) -> bool:
    """Tell whether a comparison holds a state's name against something called a state."""
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    words = {n.value for side in sides for n in ast.walk(side) if isinstance(n, ast.Constant)}
    return "state" in ast.unparse(node) and bool(words & STATES)


def test_no_state_is_named_in_a_condition_outside_the_workflows():
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules("service")
        if not name(path).startswith(HOMES)
        for node in ast.walk(tree(path))
        if names_a_state(node)
    ]

    assert not found

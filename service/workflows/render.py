"""A workflow as plain data: the JSON of API 13, a Markdown table, Mermaid text.

The SVG is made in `drawing.py`.

All drawings are made from `edges`, so they show the same states and moves.
"""

from typing import Any

from service.core import jsonschema
from service.core.messages import text
from service.core.workflow import SAME, ClockAction, Step, Workflow


def edges(workflow: Workflow) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the moves between two states with their events; those that stay are left out.

    The start is BIRTH, the empty name.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for step in workflow.steps:
        for source in step.source:
            target = step.goes_to(source)
            if target != source:
                events = found.setdefault((source, target), [])
                events += [step.event] if step.event not in events else []
    return {pair: tuple(events) for pair, events in found.items()}


def staying(workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """Return per state the events that leave it as it is."""
    found: dict[str, list[str]] = {}
    for step in workflow.steps:
        for source in step.source:
            if step.goes_to(source) == source and step.event not in found.get(source, []):
                found.setdefault(source, []).append(step.event)
    return {state: tuple(events) for state, events in found.items()}


def as_json(workflow: Workflow, lang: str) -> dict[str, Any]:
    """Return the table as API 13 shows it."""
    return {
        "kind": workflow.kind,
        "label": text(f"kind.{workflow.kind}", lang),
        "collection": workflow.collection,
        "prefix": workflow.prefix,
        "version": workflow.version,
        "states": [
            {
                "name": state.name,
                "label": text(f"state.{workflow.kind}.{state.name}", lang),
                "terminal": state.terminal,
            }
            for state in workflow.states
        ],
        "events": [_row(workflow, step, lang) for step in workflow.steps],
        "clocks": [
            {"name": name, "label": text(f"clock.{name}", lang)} for name in workflow.clock_names
        ],
        "facts": jsonschema.of(workflow.create),
        "editable_facts": sorted(workflow.editable_facts),
    }


def _row(workflow: Workflow, step: Step, lang: str) -> dict[str, Any]:
    return {
        "event": step.event,
        "label": text(f"event.{workflow.kind}.{step.event}", lang),
        "from": [source or None for source in step.source],
        "to": None if step.target == SAME else step.target,
        "roles": sorted(step.roles),
        "data": jsonschema.of(step.data),
        "guards": [
            {
                "code": rule.code,
                "title": text(f"guard.{rule.code}", lang),
                "rule": rule.rule,
                "needs_data": rule.needs_data,
            }
            for rule in step.guards
        ],
        "clocks": [_action(action) for action in step.clocks],
        "then": step.then,
        "reopens": step.reopens,
        "rule": step.rule,
    }


def _action(action: ClockAction) -> dict[str, Any]:
    return {
        "do": action.verb,
        "clock": action.clock,
        "since": action.since,
        "due_agreed": action.due is not None,
        "conditional": action.when is not None,
    }


def as_markdown(workflow: Workflow) -> str:
    """Return the whole table as Markdown: the golden file of the tests."""
    lines = [
        f"# {workflow.kind} (version {workflow.version})",
        "",
        f"Collection `{workflow.collection}`, numbers `{workflow.prefix}-…`. "
        "Terminal states: " + ", ".join(f"`{name}`" for name in sorted(workflow.terminal)) + ".",
        "",
        "| event | from | to | roles | data | guards | clocks | then | rule |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_line(step) for step in workflow.steps),
        "",
        "`*` after a guard: judged with the data. `?` after a clock: under a condition.",
        "",
    ]
    for clock, event in workflow.on_due.items():
        lines.append(f"When `{clock}` falls due, the service tries `{event}`.")
    return "\n".join([*lines, ""])


def _line(step: Step) -> str:
    guards = (f"{rule.code}{'*' if rule.needs_data else ''} ({rule.rule})" for rule in step.guards)
    cells = (
        f"`{step.event}`" + (" (reopens)" if step.reopens else ""),
        ", ".join(source or "—" for source in step.source),
        "same" if step.target == SAME else step.target,
        ", ".join(sorted(step.roles)),
        _members(step),
        ", ".join(guards),
        ", ".join(_clock(action) for action in step.clocks),
        step.then or "",
        step.rule,
    )
    return "| " + " | ".join(cells) + " |"


def _members(step: Step) -> str:
    """Name the data, optional members with a question mark."""
    schema = jsonschema.of(step.data)
    needed = schema.get("required", [])
    names = [name for name in schema["properties"] if name != "synthetic"]
    return ", ".join(name if name in needed else f"{name}?" for name in names)


def _clock(action: ClockAction) -> str:
    since = " since report" if action.since == "opened" else ""
    due = " at agreed time" if action.due is not None else ""
    return f"{action.verb} {action.clock}{since}{due}{'?' if action.when else ''}"


def as_mermaid(workflow: Workflow, lang: str) -> str:
    """Return a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for state in workflow.states:
        lines.append(f"  {state.name}: {text(f'state.{workflow.kind}.{state.name}', lang)}")
    for (source, target), events in edges(workflow).items():
        words = " / ".join(text(f"event.{workflow.kind}.{event}", lang) for event in events)
        lines.append(f"  {source or '[*]'} --> {target}: {words}")
    lines += [f"  {state.name} --> [*]" for state in workflow.states if state.terminal]
    return "\n".join([*lines, ""])

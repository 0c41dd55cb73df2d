"""Commands that only show: workflows, the proof of a clock, the API's description."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import click
from rich.console import Console

from service.core.messages import LANGUAGES
from service.core.workflow import Workflow
from service.edge.output import as_json
from service.local.cli.session import Session, needs_key, table, wants_json
from service.local.cli.tickets import read
from service.sla.explain import Ask, explain
from service.sla.history import read_mark
from service.store import event
from service.store.policy import pinned
from service.workflows import REGISTRY, by_kind, drawing, render

_LANG = click.option(
    "--lang", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True
)
_FORMATS: Final[Mapping[str, Callable[[Workflow, str], str]]] = {
    "markdown": lambda workflow, _lang: render.as_markdown(workflow),
    "mermaid": render.as_mermaid,
    "svg": drawing.as_svg,
    "json": lambda workflow, lang: as_json(render.as_json(workflow, lang)).decode(),
}


@click.group()
def workflow() -> None:
    """Look at the workflow tables."""


@workflow.command("show")
@click.argument("kind", type=click.Choice(sorted(by_kind(REGISTRY))), metavar="KIND")
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="markdown")
@_LANG
def show_workflow(*, kind: str, form: str, lang: str) -> None:
    """Print one workflow: every state, event, role, guard and clock.

    \b
    Examples:
      anju workflow show repair_order
      anju workflow show repair_order --format svg > repair_order.svg
    """
    click.echo(_FORMATS[form](by_kind(REGISTRY)[kind], lang))


@click.group()
def clock() -> None:
    """Look at clocks."""


@clock.command("explain")
@click.argument("ref", metavar="NUMBER")
@click.argument("name", metavar="CLOCK")
@click.option("--epoch", type=click.IntRange(1), help="Default: the last one.")
@click.option("--at", type=click.DateTime(formats=["%Y-%m-%dT%H:%M:%S%z"]), help="Default: now.")
@click.option(
    "--basis", type=click.Choice(["occurred", "received"]), default="occurred", show_default=True
)
@_LANG
@needs_key
@wants_json
@click.pass_obj
def explain_clock(  # noqa: PLR0913 — click hands over every option
    session: Session,
    /,
    *,
    ref: str,
    name: str,
    epoch: int | None,
    at: datetime | None,
    key_file: str | None,
    **how: Any,
) -> None:
    """Prove a clock: every counted and excluded stretch, the sum, the verdict.

    \b
    Example:
      anju clock explain RO-20261121-0007 arrive
    """
    found = read(session, ref, session.actor(key_file))
    with session.ports.uow() as tx:
        marks = [read_mark(row) for row in event.history(tx, found["id"])]
        profiles = pinned(tx, session.ports.policies, marks)
        now = tx.now()
    ask = Ask(clock=name, now=now, epoch=epoch, at=at, kind=found["kind"], **how)
    proof = explain(marks, ask, profiles, session.ports.calendars)
    session.tell(proof, lambda out: _draw(out, proof))


def _draw(out: Console, proof: Mapping[str, Any]) -> None:
    out.print(proof["text"], markup=False)
    pieces = proof["intervals"]
    columns = tuple(pieces[0]) if pieces else ()
    out.print(table("", columns, ([piece.get(c) for c in columns] for piece in pieces)))
    for name, value in proof["arithmetic"].items():
        out.print(f"{name}: {value}", markup=False)
    out.print(f"verdict: {proof['verdict']}", markup=False)


@click.command()
@click.pass_obj
def openapi(session: Session) -> None:
    """Print the OpenAPI 3.1 document.

    \b
    Example:
      anju openapi > openapi.json
    """
    click.echo(as_json(session.wiring.openapi(session.environ)).decode())


@click.command()
@wants_json
@click.pass_obj
def version(session: Session) -> None:
    """Print the version."""
    found = session.wiring.version
    session.tell({"version": found}, lambda out: out.print(f"anju {found}", markup=False))

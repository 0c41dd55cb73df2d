"""`anju ticket` and `anju clock`: one ticket by the command line, as the holder of a key."""

import json
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console

from service.commands.fire_event import Fire, fire
from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Outcome
from service.core.actors import Actor
from service.core.errors import FieldError, NotFound, ValidationFailed
from service.core.messages import text
from service.core.workflow import Workflow
from service.local.cli.session import Session, needs_key, table, wants_json
from service.store import clock as clocks
from service.store import event as events
from service.store import ticket as heads
from service.store.queries import ticket_list
from service.store.queries.ticket_list import Filters, Window

_HEAD = ("id", "number", "kind", "state", "version", "category", "urgency", "priority", "title",
         "place_id", "place_name", "assignee_type", "assignee_id", "assignee_name", "opened_at",
         "next_due_at", "closed_at", "facts")  # fmt: skip
_CLOCK = ("name", "epoch", "state", "result", "due_at", "stopped_at", "breached_at")
_LINE = ("seq", "type", "from_state", "to_state", "actor_role", "occurred_at", "data")
_LANG = "en"


@click.group()
def ticket() -> None:
    """Open, show, move and list tickets.

    Every act is somebody's: put an API key into ANJU_KEY, or name a file with --key-file.
    """


@ticket.command()
@click.argument("kind", metavar="KIND")
@click.option("--place", required=True)
@click.option("--category", required=True)
@click.option("--title", required=True)
@click.option("--description", default="")
@click.option("--urgency", type=click.Choice(["emergency", "urgent", "normal"]))
@click.option("--reporter-name")
@click.option("--reporter-phone")
@click.option("--channel", default="desk", show_default=True)
@click.option("--origin", default="customer", show_default=True)
@needs_key
@wants_json
@click.pass_obj
def create(session: Session, /, *, kind: str, key_file: str | None, **said: Any) -> None:
    """Open a ticket of KIND.

    \b
    Example:
      anju ticket create repair_order --place lotus-1-1-101 --category water_leak \\
        --title "厨房水管漏水" --reporter-name 张三 --reporter-phone 13800000001
    """
    workflow = _workflow(session, kind)
    reporter = {
        "name": said["reporter_name"], "phone": said["reporter_phone"], "channel": said["channel"],
    }  # fmt: skip
    if said["origin"] == "customer" and not said["reporter_phone"]:
        raise ValidationFailed([FieldError("/reporter/phone", "required")])
    cmd = Open(
        kind=workflow.kind,
        actor=session.actor(key_file),
        place=said["place"],
        category=said["category"],
        title=said["title"],
        description=said["description"],
        urgency=said["urgency"],
        reporter={name: value for name, value in reporter.items() if value},
        facts={"origin": said["origin"]},
    )
    _tell(session, open_ticket(session.ports, cmd))


@ticket.command()
@click.argument("ref", metavar="NUMBER")
@click.argument("type_", metavar="EVENT")
@click.option(
    "-s",
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="One datum of the event; the value is JSON, or else text.",
)
@click.option("--input", "file", type=click.File(), help='The data as JSON, "-" from stdin.')
@click.option("--comment")
@click.option("--expected-version", type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@needs_key
@wants_json
@click.pass_obj
def event(  # noqa: PLR0913 — click hands over every option
    session: Session,
    /,
    *,
    ref: str,
    type_: str,
    pairs: tuple[str, ...],
    file: Any,
    key_file: str | None,
    **said: Any,
) -> None:
    """Take EVENT on a ticket.

    \b
    Examples:
      anju ticket event RO-20261121-0007 take
      anju ticket event RO-20261121-0007 assign -s crew=c-anxin \\
        -s visit_from=2026-11-21T08:10:00+08:00 -s visit_to=2026-11-21T08:30:00+08:00
      anju ticket event RO-20261121-0007 complete_work --input report.json
    """
    data = {**_document(file), **dict(_pair(pair) for pair in pairs)}
    cmd = Fire(ticket=ref, event=type_, actor=session.actor(key_file), data=data, **said)
    _tell(session, fire(session.ports, cmd))


@ticket.command()
@click.argument("ref", metavar="NUMBER")
@needs_key
@wants_json
@click.pass_obj
def show(session: Session, /, *, ref: str, key_file: str | None) -> None:
    """Show a ticket, its clocks and its history.

    \b
    Example:
      anju ticket show RO-20261121-0007
    """
    row = read(session, ref, session.actor(key_file))
    with session.ports.uow() as tx:
        found = clocks.load(tx, [row["id"]])[row["id"]]
        lines = events.history(tx, row["id"])
    body = {
        **_named(row, _HEAD),
        "clocks": [{name: getattr(c, name) for name in _CLOCK} for c in found],
        "history": [_named(line, _LINE) for line in lines],
    }
    session.tell(body, lambda out: _draw(out, body))


@ticket.command("list")
@click.option("--kind", default="repair_order", show_default=True)
@click.option("--state", "states", multiple=True, help="Repeatable.")
@click.option("--place", "places", multiple=True, help="Place id; repeatable.")
@click.option("--overdue", metavar="CLOCK", help="Only those whose CLOCK is overdue.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True)
@needs_key
@wants_json
@click.pass_obj
def list_(  # noqa: PLR0913 — click hands over every option
    session: Session,
    /,
    *,
    kind: str,
    key_file: str | None,
    states: tuple[str, ...],
    places: tuple[str, ...],
    overdue: str | None,
    limit: int,
) -> None:
    """List tickets, the next due first.

    \b
    Examples:
      anju ticket list --state submitted --state accepted
      anju ticket list --overdue arrive --json
    """
    workflow = _workflow(session, kind)
    _known(states, tuple(state.name for state in workflow.states), "?state")
    wanted = Filters(
        kinds=(workflow.kind,),
        states=states,
        places=places,
        clocks=((overdue, "overdue"),) if overdue else (),
    )
    actor = session.actor(key_file)
    with session.ports.uow() as tx:
        rows = ticket_list.page(tx, actor, wanted, Window(limit=limit))
    columns = ("number", "state", "urgency", "category", "place_name", "next_due_at", "title")
    drawn = table("", columns, ([row[name] for name in columns] for row in rows))
    session.tell({"data": [_named(row, _HEAD) for row in rows]}, lambda out: out.print(drawn))


def read(session: Session, ref: str, actor: Actor) -> Mapping[str, Any]:
    """Return a ticket that the actor may see. Raises NotFound."""
    with session.ports.uow() as tx:
        row = heads.read(tx, kind=None, ref=ref, actor=actor)
    if row is None:
        raise NotFound
    return row


def _workflow(session: Session, kind: str) -> Workflow:
    registry = session.ports.registry
    found = registry.get(kind.replace("-", "_").removesuffix("s")) or registry.get(kind)
    if found is None:
        raise click.BadParameter(f"{kind} is none of {', '.join(registry)}")
    return found


def _known(values: tuple[str, ...], allowed: tuple[str, ...], pointer: str) -> None:
    if not set(values) <= set(allowed):
        raise ValidationFailed([FieldError(pointer, "not_allowed", allowed=allowed)])


def _document(file: Any) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        found = json.load(file)
    except ValueError as exc:
        raise click.BadParameter(f"--input is not JSON: {exc}") from exc
    if not isinstance(found, dict):
        raise click.BadParameter("--input must be a JSON object")
    return found


def _pair(pair: str) -> tuple[str, Any]:
    name, sign, value = pair.partition("=")
    if not sign:
        raise click.BadParameter(f"{pair} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _tell(session: Session, outcome: Outcome) -> None:
    row = outcome.ticket
    body = {
        "outcome": outcome.how,
        "event": _named(outcome.event, ("id", *_LINE)),
        "ticket": _named(row, _HEAD),
        "clocks": [{name: getattr(c, name) for name in _CLOCK} for c in outcome.clocks],
    }
    session.tell(
        body, lambda out: out.print(f"{row['number']}  {row['state']}  version {row['version']}")
    )


def _draw(out: Console, body: Mapping[str, Any]) -> None:
    state = text(f"state.{body['kind']}.{body['state']}", _LANG)
    out.print(f"{body['number']}  {state}  version {body['version']}", markup=False)
    out.print(f"{body['title']} · {body['place_name']} · {body['urgency']}", markup=False)
    if body["assignee_name"]:
        out.print(f"held by {body['assignee_name']}", markup=False)
    rows = ([c[name] for name in _CLOCK] for c in body["clocks"])
    out.print(table("\nclocks", _CLOCK, rows))
    columns = ("seq", "type", "to_state", "actor_role", "occurred_at")
    rows = ([line[name] for name in columns] for line in body["history"])
    out.print(table("\nhistory", columns, rows))


def _named(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}

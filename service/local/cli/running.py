"""Commands that run something: the demo, the web server, the worker, the ticker."""

import os
import threading
import webbrowser
from pathlib import Path

import click
from rich.console import Console

from service.local import demo as demos
from service.local import embedded, serving, simulator
from service.local.cli.session import Session, console
from service.local.demo import Demo, Options, Running

_LOOK_S = 0.05
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


@click.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=f"Where the world is kept.  [default: ./{embedded.DEFAULT_FOLDER}]",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the first free from 8000.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1, max=3600),
    default=60.0,
    show_default=True,
    help="Simulated seconds a second.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same dice.")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option("--reset", is_flag=True, help="Forget the world of DIR and start afresh.")
@click.pass_obj
def demo(  # noqa: PLR0913 — click hands over every option
    session: Session,
    /,
    *,
    folder: Path | None,
    port: int | None,
    rate: float,
    seed: int,
    no_open: bool,
    reset: bool,
) -> None:
    """Start a living demo world: servers, web, ticker, worker, residents and crews.

    Needs no configuration and touches no configured database. Ctrl-C stops everything; the
    next start goes on with the same world.

    \b
    Examples:
      anju demo
      anju demo --rate 600 --port 8080 --no-open
      anju demo --data /tmp/other --seed 7 --reset
    """
    asked = Options(
        folder=folder or session.folder or Path(embedded.DEFAULT_FOLDER),
        port=port,
        rate=rate,
        seed=seed,
        reset=reset,
    )

    def ready(running: Running) -> None:
        show(running, session.wiring.version, console())
        if not no_open and any(os.environ.get(name) for name in _DISPLAYS):
            webbrowser.open(running.base_url)

    Demo(asked, session.wiring, lambda line: click.echo(line, err=True)).run(ready)


def show(running: Running, version: str, out: Console) -> None:
    """Tell where to go next."""
    keys = running.folder / "demo.json"
    breach = running.breach
    lines = (
        "",
        f"anju {version}  demo · {'a new world' if running.fresh else 'the same world goes on'}"
        f" · {running.rate:g}× time · Ctrl-C stops everything",
        "",
        f"  open            {running.base_url}/",
        f"  API docs        {running.base_url}/docs",
        f"  keys and names  {keys}",
        f"  watch           {breach.number} {breach.place}: nobody arrives; the breach is due"
        f" {breach.due_at:%H:%M:%S} UTC, in about half a minute",
        "",
        "  try",
        f"    export ANJU_KEY=$(python3 -c \"import json;print(json.load(open('{keys}'))['keys']"
        "['dispatcher'])\")",
        f'    curl -s -H "Authorization: Bearer $ANJU_KEY"'
        f" '{running.base_url}/v1/repair-orders?limit=3'",
        f"    anju --data {running.folder} ticket show {breach.number}",
        f"    anju --data {running.folder} doctor",
        "",
    )
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=demos.PORT, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=8, show_default=True)
@click.pass_obj
def serve(session: Session, /, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve the API and the pages.

    \b
    Example:
      anju serve --host 0.0.0.0 --port 8080
    """
    env = session.env
    # Read before forking, so that a bad setting is said here and not by a dying child.
    session.wiring.build(env, "anju-web").engine.dispose()
    serving.serve(
        lambda: session.wiring.create_app(env),
        host=host,
        port=port,
        workers=workers,
        threads=threads,
    )


_GATE = click.option(
    "--gate",
    type=click.Path(path_type=Path),
    hidden=True,
    help="Wait until this file is there: the demo makes its world meanwhile.",
)


def _wait_at(gate: Path | None) -> None:
    while gate is not None and not gate.exists():
        threading.Event().wait(_LOOK_S)


@click.command()
@_GATE
@click.pass_obj
def worker(session: Session, /, *, gate: Path | None) -> None:
    """Work off what is rung for: sweeps, relays, deliveries. Start as many as you like.

    \b
    Example:
      anju worker
    """
    _wait_at(gate)
    session.wiring.run_worker(session.env)


@click.command()
@_GATE
@click.pass_obj
def ticker(session: Session, /, *, gate: Path | None) -> None:
    """Look each second at what is due. One is enough; more do no harm.

    \b
    Example:
      anju ticker
    """
    _wait_at(gate)
    session.wiring.run_ticker(session.env)


@click.command("simulator", hidden=True)
@click.option("--seed", type=int, default=1)
@_GATE
@click.pass_obj
def simulate(session: Session, /, *, seed: int, gate: Path | None) -> None:
    """Act as residents and crews of the demo world."""
    _wait_at(gate)
    simulator.run(session.wiring.build(session.env, "anju-simulator").ports, seed=seed)


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@click.option(
    "--simulated", is_flag=True, help="Install the movable clock: an empty database, never real."
)
@click.pass_obj
def upgrade(session: Session, /, *, simulated: bool) -> None:
    """Bring the database to the current shape. A second run changes nothing.

    Uses the role of ANJU_OWNER_DATABASE_URL; ANJU_DATABASE_URL names the role that works.

    \b
    Examples:
      anju db upgrade
      anju --data ./anju-demo db upgrade
    """
    settings = session.application.settings
    if settings.owner_database_url is None:
        raise click.UsageError("set ANJU_OWNER_DATABASE_URL to the role that owns the tables")
    role = session.application.engine.url.username or "anju_app"
    session.wiring.upgrade(settings.owner_database_url, app_role=role, simulated=simulated)
    click.echo("the database is up to date")

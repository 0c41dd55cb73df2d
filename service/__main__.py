"""The `anju` command: hands the composition root's offers to the command line."""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import orjson
from flask import Flask
from sqlalchemy.exc import OperationalError

from service import bootstrap
from service.api.all import ROUTES
from service.api.openapi import document
from service.core.errors import OutcomeUnknown, ServiceError, StorageUnavailable
from service.edge.problems import body_of
from service.jobs import ticker as ticking
from service.jobs import worker as working
from service.jobs.clusters import detect
from service.jobs.revisits import draw_revisits
from service.jobs.what_follows import settle
from service.local.binaries import ServersUnavailable
from service.local.cli import care, checking, keys, looking, running, tickets
from service.local.cli.session import REFUSED, UNAVAILABLE, USAGE, Session
from service.local.demo import DemoRefused
from service.local.replay.passage import Chores, ReplayStuck
from service.local.replay.plan import UnknownCategory
from service.local.replay.reader import NotThisSource
from service.local.replay.source_map import BadMap
from service.local.replay.world import NotReplayable
from service.local.wiring import Environment, Wiring
from service.store.migrate import NoApplicationRole, NotEmpty

_LANG = "en"
_AWAY = (StorageUnavailable, OutcomeUnknown, ServersUnavailable, OperationalError, working.NoRedis)
_REFUSALS = (
    DemoRefused, NotReplayable, UnknownCategory, NotThisSource, BadMap, ReplayStuck, NotEmpty,
    NoApplicationRole, bootstrap.SimulatedClock,
)  # fmt: skip


def _build(env: Environment, name: str) -> bootstrap.Application:
    return bootstrap.build(bootstrap.load_settings(env), name=name)


def _create_app(env: Environment) -> Flask:
    settings = bootstrap.load_settings(env)
    bootstrap.refuse_wrong_clock(bootstrap.build(settings, name="anju-check"))
    app = bootstrap.create_app(settings)
    bootstrap.settle()
    return app


def _run_ticker(env: Environment) -> None:
    application = _build(env, "anju-ticker")
    bootstrap.configure_logging(application.settings.log_level)
    bootstrap.refuse_wrong_clock(application)
    bootstrap.settle()
    ticking.run(application)


def _run_worker(env: Environment) -> None:
    settings = bootstrap.load_settings(env)
    bootstrap.configure_logging(settings.log_level)
    bootstrap.refuse_wrong_clock(bootstrap.build(settings, name="anju-check"))
    bootstrap.settle()
    working.run(
        lambda ring: bootstrap.build(settings, name="anju-worker", ring=ring), settings.redis_url
    )


def _openapi(env: Environment) -> Mapping[str, Any]:
    return document(ROUTES, env.get("ANJU_BASE_URL", "http://127.0.0.1:8000"), version("anju"))


WIRING = Wiring(
    version=version("anju"),
    build=_build,
    create_app=_create_app,
    upgrade=bootstrap.upgrade,
    profiles=bootstrap.load_profiles,
    run_ticker=_run_ticker,
    run_worker=_run_worker,
    openapi=_openapi,
    chores=Chores(follow=settle, daily=detect, monthly=draw_revisits),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Use the embedded servers of DIR, started if need be, instead of ANJU_DATABASE_URL.",
)
@click.version_option(version("anju"), prog_name="anju")
@click.pass_context
def anju(context: click.Context, *, folder: Path | None) -> None:
    """Anju (安居): repairs that are not forgotten.

    \b
    Try it          anju demo
    Run it          anju db upgrade · anju serve · anju ticker · anju worker · anju doctor
    Exit codes      0 done · 1 refused or something found · 2 wrong usage · 3 unavailable

    Settings come from ANJU_* variables. Keys never go into options: put one into ANJU_KEY.
    """
    session = Session(WIRING, os.environ, folder)
    context.obj = session
    context.call_on_close(session.close)


for _command in (
    running.demo, running.serve, running.worker, running.ticker, running.simulate, running.db,
    keys.key, tickets.ticket, looking.clock, looking.workflow, looking.openapi, looking.version,
    checking.doctor, checking.audit, checking.replay, care.backup,
):  # fmt: skip
    anju.add_command(_command)


def main() -> None:
    """Run `anju` and end the process with its exit code."""
    try:
        anju(prog_name="anju")
    except bootstrap.BadSetting as exc:
        _end(USAGE, str(exc))
    except _AWAY as exc:
        _end(UNAVAILABLE, _words(exc))
    except ServiceError as exc:
        _end(REFUSED, _words(exc))
    except _REFUSALS as exc:
        _end(REFUSED, str(exc))


def _words(exc: Exception) -> str:
    """Return what is said of an error: a problem as the API would, else its own words."""
    if not isinstance(exc, ServiceError):
        return str(exc).partition("\n")[0] or type(exc).__name__
    body = body_of(exc, lang=_LANG, base_url="", request_id="")
    members = {
        name: value
        for name, value in body.items()
        if name not in ("type", "title", "status", "detail", "retryable", "request_id")
    }
    return f"{body['title']}\n{orjson.dumps(members, option=orjson.OPT_INDENT_2).decode()}"


def _end(code: int, words: str) -> None:
    click.echo(f"anju: {words}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()

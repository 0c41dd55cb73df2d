"""Commands that judge: `anju doctor`, `anju audit verify`, `anju replay`."""

import shlex
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from service.local.cli.session import REFUSED, Session, console, table, wants_json
from service.local.doctor.examination import examine
from service.local.doctor.finding import Installation
from service.local.replay import run as replaying
from service.local.replay.source_map import names as map_names
from service.local.replay.summary import show as show_summary
from service.local.servers import wipe
from service.store.audit.walk import Verdict, Verifier

REPLAY_FOLDER = "anju-replay"


@click.command()
@wants_json
@click.pass_obj
def doctor(session: Session) -> None:
    """Examine the installation; each finding names the command or setting that cures it.

    Looks at secrets and passwords, disks, Redis, migrations, clocks and time zones, rights,
    calendars, the age of the backup (in production; see `anju backup noted`), ticker and worker,
    and what waits or was given up. Takes seconds, whatever does not answer; changes nothing.
    Ends with 1 when something is wrong.

    \b
    Examples:
      anju doctor
      anju --data ./anju-demo doctor --json
    """
    command = (
        "anju" if session.folder is None else f"anju --data {shlex.quote(str(session.folder))}"
    )
    found = examine(Installation(session.application, command, session.folder))
    body = {"healthy": all(f.ok for f in found), "findings": [f.body() for f in found]}
    rows = (("ok" if f.ok else "✗", f.name, f.said, f.cure) for f in found)
    session.tell(body, lambda out: out.print(table("", ("", "check", "found", "cure"), rows)))
    if not body["healthy"]:
        raise click.exceptions.Exit(REFUSED)


@click.group()
def audit() -> None:
    """Check the histories."""


@audit.command()
@click.option(
    "--drained",
    is_flag=True,
    help="Also demand that nothing is left to do: no rung due, no letter or delivery waiting, no "
    "line missing in the feed, no old transaction. For a quiet hour; a busy system has such.",
)
@wants_json
@click.pass_obj
def verify(session: Session, /, *, drained: bool) -> None:
    """Check every history: legal moves, no gaps, hash chains, clocks computed anew in two ways.

    Then what followed: letters, inboxes, deliveries, the feed; and what was changed beside:
    deposits, points, votes, notes, links between tickets. Nothing is changed, and people
    may go on working. Ends with 1 when something is wrong.

    \b
    Examples:
      anju audit verify
      anju audit verify --drained
    """
    ports = session.ports
    verifier = Verifier(ports.uow, ports.registry, ports.calendars, drained=drained)
    shown = Console(stderr=True)
    with Progress(
        TextColumn("verify"), BarColumn(), MofNCompleteColumn(), console=shown, transient=True
    ) as progress:
        task = progress.add_task("verify", total=None)
        verdict = verifier.verify(lambda done, of: progress.update(task, completed=done, total=of))
    body = {
        "sound": verdict.sound,
        "tickets": verdict.tickets,
        "events": verdict.events,
        "found": verdict.found,
        "findings": [asdict(finding) for finding in verdict.findings],
        "wall_s": round(verdict.wall_s, 3),
    }
    session.tell(body, lambda out: _draw(out, verdict))
    if not verdict.sound:
        raise click.exceptions.Exit(REFUSED)


def _draw(out: Console, verdict: Verdict) -> None:
    for finding in verdict.findings:
        line = f"{finding.number} {finding.seq or ''} {finding.invariant} {finding.check}"
        out.print(f"{line}: {finding.detail}", markup=False)
    word = "sound" if verdict.sound else f"{verdict.found} findings"
    out.print(f"{verdict.tickets} tickets, {verdict.events} events: {word}", markup=False)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "name", type=click.Choice(map_names()), required=True)
@click.option("--reset", is_flag=True, help="Forget an earlier replay in the folder first.")
@wants_json
@click.pass_obj
def replay(session: Session, /, *, file: Path, name: str, reset: bool) -> None:
    """Play a recorded FILE through the commands, in simulated time at its own timestamps.

    Without ANJU_DATABASE_URL it runs on embedded servers in --data DIR (./anju-replay).
    The database must be empty and simulated.

    \b
    Examples:
      anju replay ../shared/data/nyc311_full.csv --map nyc311_full
      anju --data /tmp/r2 replay problems.csv --map nyc_hpd_problems --json
    """
    if session.folder is None and not session.environ.get("ANJU_DATABASE_URL"):
        session.folder = Path(REPLAY_FOLDER)
    if session.folder is not None:
        if reset:
            wipe(session.folder)
        owner = session.application.settings.owner_database_url
        session.wiring.upgrade(owner, simulated=True)
    with replaying.bar(Console(stderr=True)) as progress:
        summary = replaying.run(
            session.ports, file, name, progress=progress, chores=session.wiring.chores
        )
    session.tell(summary.as_json(), lambda _out: show_summary(summary, console()))

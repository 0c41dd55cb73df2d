"""Commands by which an operator tells what only an operator knows."""

import click

from service.local.cli.session import Session
from service.local.doctor.care import BACKUP_H, note_backup


@click.group()
def backup() -> None:
    """Keep account of backups. Anju makes none itself: use pg_dump, pgBackRest or the like."""


@backup.command()
@click.pass_obj
def noted(session: Session) -> None:
    """Note that a backup has just succeeded. Run it last in the script that makes backups.

    In production `anju doctor` reports when none was noted for 26 hours.

    \b
    Example:
      pg_dump -Fc -f anju.dump "$ANJU_OWNER_DATABASE_URL" && anju backup noted
    """
    with session.ports.uow() as tx:
        note_backup(tx)
    click.echo(f"noted; the next one is due within {BACKUP_H:g} hours")

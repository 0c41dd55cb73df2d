"""`anju key`: API keys, made and revoked by whoever may reach the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from service.commands.accounts import ROLES, CreateKey, create_key, list_keys, revoke_key
from service.core.actors import SCOPES
from service.local.cli.session import Session, table, wants_json

_TIME = click.DateTime(formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"])
_SHOWN = ("id", "prefix", "name", "role", "place_id", "scopes", "created_at", "expires_at",
          "revoked_at", "last_used_at")  # fmt: skip


@click.group()
def key() -> None:
    """Make, list and revoke API keys."""


@key.command()
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--place", required=True, help="Place id; the key holds there and below.")
@click.option("--name", required=True, help="Who this is.")
@click.option("--crew", help="For a crew member: the crew.")
@click.option("--vendor", help="For a vendor's manager: the vendor.")
@click.option("--tier", type=click.IntRange(1, 3), help="For a mediator.")
@click.option("--lead", is_flag=True, help="Heads the crew or the mediation body.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Repeatable.")
@click.option("--expires", type=_TIME, help="2027-01-31 or 2027-01-31T08:00:00+0800")
@wants_json
@click.pass_obj
def create(
    session: Session, /, *, expires: datetime | None, scopes: tuple[str, ...], **who: Any
) -> None:
    """Make an account and a key for it. The key is shown once, here.

    \b
    Examples:
      anju key create --role dispatcher --place jinjiang --name "派工台"
      anju key create --role crew --place dongjie --crew c-dongjie-1 --name "王师傅" --lead
    """
    ends = expires.astimezone() if expires else None
    cmd = CreateKey(**who, scopes=scopes or None, expires_at=ends)
    secret, row = create_key(session.ports, cmd)
    session.tell(
        {**_shown(row), "key": secret},
        lambda out: out.print(
            f"{secret}\n\nkept nowhere else; id {row['id']}, to revoke it:"
            f" anju key revoke {row['id']}",
            markup=False,
            soft_wrap=True,
        ),
    )


@key.command("list")
@click.option("--all", "everything", is_flag=True, help="Revoked ones too.")
@wants_json
@click.pass_obj
def list_(session: Session, /, *, everything: bool) -> None:
    """List keys without their secrets.

    \b
    Example:
      anju key list --json
    """
    found = [row for row in list_keys(session.ports) if everything or row["revoked_at"] is None]
    columns = ("id", "role", "place_id", "name", "last_used_at", "revoked_at")
    drawn = table("", columns, ([row[name] for name in columns] for row in found))
    session.tell({"data": [_shown(row) for row in found]}, lambda out: out.print(drawn))


@key.command()
@click.argument("ident", metavar="ID", type=click.UUID)
@wants_json
@click.pass_obj
def revoke(session: Session, /, *, ident: UUID) -> None:
    """Revoke a key; callers with it are refused within five seconds.

    \b
    Example:
      anju key revoke 01a1fb67-1800-7000-8000-000000000007
    """
    row = revoke_key(session.ports, ident)
    session.tell(_shown(row), lambda out: out.print(f"revoked {row['name']} ({row['role']})"))


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: row[name] for name in _SHOWN}

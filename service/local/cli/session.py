"""What every command shares: which service it speaks to, who asks, how answers look.

Exit codes: 0 done · 1 refused, or something was found · 2 wrong usage · 3 unavailable.
"""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import click
import structlog
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.commands.ports import Ports
from service.core.actors import Actor
from service.edge.authentication import Authenticator
from service.edge.output import as_json
from service.local import embedded
from service.local.demo_file import base_url_of
from service.local.servers import Servers
from service.local.wiring import Application, Environment, Wiring

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
UNAVAILABLE: Final = 3

KEY_VARIABLE: Final = "ANJU_KEY"
_PIPE_WIDTH = 240


@dataclass
class Session:
    """One run of `anju`. Nothing starts or connects before it is asked for."""

    wiring: Wiring
    environ: Mapping[str, str]
    folder: Path | None = None
    json: bool = False
    owned: ExitStack = field(default_factory=ExitStack)
    _pid: int = field(default_factory=os.getpid)

    def close(self) -> None:
        """End what this command began. A forked child leaves that to its parent."""
        if os.getpid() == self._pid:
            self.owned.close()

    @cached_property
    def env(self) -> Environment:
        """The ANJU_* variables: those of the folder's servers, or the process's own.

        The folder's servers are started when nobody runs them, and stopped at the end.
        """
        if self.folder is None:
            return self.environ
        servers = self.owned.enter_context(Servers(self.folder))
        return embedded.environment(servers, base_url_of(servers.folder))

    @cached_property
    def application(self) -> Application:
        """The application that this command uses; its connections end with the command."""
        quiet()
        application = self.wiring.build(self.env, "anju-cli")
        self.owned.callback(application.engine.dispose)
        return application

    @property
    def ports(self) -> Ports:
        """What commands receive."""
        return self.application.ports

    def actor(self, key_file: str | None) -> Actor:
        """Return who acts: the holder of the key in ANJU_KEY, in a file, or on stdin ("-").

        Raises click.UsageError when there is no key, Unauthenticated for a bad one.
        """
        key = self._key(key_file)
        return Authenticator(self.ports).actor_of(f"Bearer {key}").actor

    def _key(self, key_file: str | None) -> str:
        if key_file == "-":
            found = sys.stdin.readline()
        elif key_file is not None:
            found = Path(key_file).read_text(encoding="utf-8")
        else:
            found = self.environ.get(KEY_VARIABLE, "")
        if not found.strip():
            raise click.UsageError(
                f"whose act is it? Put an API key into {KEY_VARIABLE}, or name a file with "
                '--key-file ("-" reads it from stdin)'
            )
        return found.strip()

    def tell(self, body: Any, show: Callable[[Console], None]) -> None:
        """Print an answer: JSON for programs, else what `show` draws for people."""
        if self.json:
            click.echo(as_json(body).decode())
        else:
            show(console())


def console() -> Console:
    """Return a console on the standard output; wide and plain when that is no terminal."""
    terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, highlight=False, width=None if terminal else _PIPE_WIDTH)


def quiet() -> None:
    """Keep log lines off the terminal of somebody who asked for an answer."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("error"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Return a plain table; what is None is left blank. Values are text, never markup."""
    drawn = Table(*columns, title=title or None, box=None, title_justify="left", pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(_cell(cell)) for cell in row))
    return drawn


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value.astimezone(UTC):%m-%d %H:%M:%SZ}" if isinstance(value, datetime) else str(value)


def wants_json(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--json` to a command."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        expose_value=False,
        callback=_set_json,
        help="Answer as JSON, for programs.",
    )(command)


def _set_json(context: click.Context, _param: click.Parameter, value: bool) -> bool:
    if value:
        context.find_object(Session).json = True  # type: ignore[union-attr]
    return value


def needs_key(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--key-file` to a command that acts or reads as somebody."""
    return click.option(
        "--key-file",
        metavar="FILE",
        help=f'Read the API key from FILE, "-" from stdin. Default: {KEY_VARIABLE}.',
    )(command)

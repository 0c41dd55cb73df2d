"""What is examined, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.local.wiring import Application


@dataclass(frozen=True, slots=True)
class Installation:
    """What is examined. `folder` holds embedded servers, if there are any.

    `command` is how `anju` is called for this installation; cures begin with it.
    """

    application: Application
    command: str = "anju"
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `cure` is a command or a setting, "" when all is well."""

    name: str
    ok: bool
    said: str
    cure: str = ""

    def body(self) -> Mapping[str, Any]:
        """Return what programs read."""
        return {"check": self.name, "ok": self.ok, "found": self.said, "cure": self.cure or None}


def judged(name: str, said: str, cure: str, *, ok: bool) -> Finding:
    """Return a finding that names its cure only when one is needed."""
    return Finding(name, ok, said, "" if ok else cure)

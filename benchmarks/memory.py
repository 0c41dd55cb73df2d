"""What processes hold in memory, read from /proc."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import children

_LINE = re.compile(r"^(Rss|Pss):\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (2^20 bytes). PSS shares out what several processes have in common."""

    rss_mb: float
    pss_mb: float


def of(pid: int) -> Memory:
    """Return what one process holds now. Raises FileNotFoundError when it has ended."""
    said = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    kilobytes = {name: int(amount) for name, amount in _LINE.findall(said)}
    return Memory(kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024)


def of_tree(pid: int) -> list[Memory]:
    """Return what a process and everything below it hold, the process first.

    A child that ends meanwhile is left out.
    """
    found = [of(pid)]
    for child in children(pid):
        with suppress(FileNotFoundError, ProcessLookupError, KeyError):
            found += of_tree(child)
    return found

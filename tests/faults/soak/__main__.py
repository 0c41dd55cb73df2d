"""`python -m tests.faults.soak --seed N [--minutes M | --kills K]`: a soak, and its report.

Exit code 1 on any violation; journals and logs are kept then, and their folder is named.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from service.local.servers import Servers, wipe
from tests.faults.soak.faults import FAULTS, Fault
from tests.faults.soak.nemesis import Plan
from tests.faults.soak.report import markdown
from tests.faults.soak.run import Options, run

_LONGEST_S = 25 * 60.0


def main(argv: Sequence[str]) -> int:
    """Run once and print the report; return the exit code."""
    parser = _parser()
    asked = parser.parse_args(argv)
    faults = _faults(parser, asked.faults)
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1 << 31)
    _tell(f"seed {seed}")
    seconds = asked.minutes * 60 if asked.minutes is not None else _LONGEST_S
    kills = None if asked.minutes is not None else asked.kills
    plan = Plan(seed, faults, seconds, kills, gap_s=asked.gap)
    folder = Path(tempfile.mkdtemp(prefix="anju-soak-", dir="/tmp"))
    folder.chmod(0o711)
    options = Options(plan, folder, _tell, rate=asked.rate, rest_s=asked.rest)
    try:
        with Servers(folder, durable=True) as servers:
            done = run(servers, options)
    except BaseException:
        _tell(f"it came to no end; journals and logs are in {folder}")
        raise
    report = markdown(done)
    _tell(report)
    if asked.report is not None:
        asked.report.write_text(report, encoding="utf-8")
    if asked.keep or not done.sound:
        _tell(f"journals and logs are kept in {folder}")
        return int(not done.sound)
    wipe(folder)
    shutil.rmtree(folder)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--seed", type=int, help="decides everything but timing; drawn if absent")
    end = parser.add_mutually_exclusive_group()
    end.add_argument("--minutes", type=float, help="how long to strike")
    end.add_argument("--kills", type=int, default=1000, help="how many kill -9 (in ≤ 25 minutes)")
    parser.add_argument("--report", type=Path, metavar="FILE.md", help="write the report there")
    parser.add_argument("--faults", help="only these, by comma", metavar="NAME,…")
    parser.add_argument("--gap", type=float, default=0.5, help="mean seconds between two strikes")
    parser.add_argument("--rest", type=float, default=0.5, help="a client's mean rest in seconds")
    parser.add_argument("--rate", type=float, default=120.0, help="simulated seconds a second")
    parser.add_argument("--keep", action="store_true", help="keep journals and logs anyhow")
    return parser


def _faults(parser: argparse.ArgumentParser, names: str | None) -> Sequence[Fault]:
    if names is None:
        return FAULTS
    wanted = set(names.split(","))
    unknown = wanted - {fault.name for fault in FAULTS}
    if unknown:
        known = ", ".join(fault.name for fault in FAULTS)
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {known}")
    return [fault for fault in FAULTS if fault.name in wanted]


def _tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

import subprocess
import sys
from pathlib import Path

from tests.support.sources import ROOT, modules, name


def test_every_import_contract_is_kept():
    lint = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run((lint, "--no-cache"), cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_named_for_nothing_in_particular():
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}

    found = [name(path) for path in modules("service", "config") if path.stem in vague]

    assert not found


def test_no_cycle_is_hidden_behind_type_checking():
    found = [
        name(path)
        for path in modules("service", "config")
        if "TYPE_CHECKING" in path.read_text(encoding="utf-8")
    ]

    assert not found

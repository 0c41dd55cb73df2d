"""What no committed file may hold: places of somebody's machine, hosts of a registry."""

import re
import subprocess

from tests.support.sources import ROOT

# Written in two parts, so that this file does not find itself.
_FORBIDDEN = re.compile(
    r"/(?:work|root)" + r"/|/home" + r"/\w|pypi" + r"\.org|pythonhosted" + r"\.org"
)


def committed() -> list[str]:
    """Return what git tracks, or would if asked to add everything."""
    asked = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_machines_folder_or_a_registrys_host():
    found = [
        (name, hit[0])
        for name in committed()
        if (hit := _FORBIDDEN.search((ROOT / name).read_text(encoding="utf-8", errors="ignore")))
    ]

    assert not found

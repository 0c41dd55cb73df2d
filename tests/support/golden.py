"""Compares with a committed file; ANJU_GOLDEN=write writes it anew."""

import os

from tests.support.sources import ROOT

FOLDER = ROOT / "tests/workflows/golden"


def golden(name: str, found: str) -> None:
    """Assert that the text is that of the golden file."""
    path = FOLDER / name
    if os.environ.get("ANJU_GOLDEN") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), f"{name}: see ANJU_GOLDEN in test_matrix.py"

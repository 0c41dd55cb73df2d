import pytest

from tests.support.sources import ROOT, modules, name

LIMITS = {"service": 300, "config": 300, "tests": 400}


@pytest.mark.parametrize(("folder", "most"), LIMITS.items())
def test_a_long_file_says_why(folder, most):
    found = [
        name(path)
        for path in modules(folder)
        if len(lines := path.read_text(encoding="utf-8").splitlines()) > most
        and not any(line.startswith("# size: ") for line in lines)
    ]

    assert not found


def test_the_starter_stays_on_two_pages():
    assert len((ROOT / "dev.py").read_text(encoding="utf-8").splitlines()) < 100

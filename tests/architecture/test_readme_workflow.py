"""Following the README's "Add a workflow" literally makes a kind that runs."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.support.sources import ROOT

COPIED = ("service", "config", "tests", "pyproject.toml", "dev.py")
CHECKS = (
    "tests/workflows/test_matrix.py", "tests/workflows/test_render.py",
    "tests/workflows/test_numbers.py", "tests/core/test_messages.py",
)  # fmt: skip


def commands(readme: str) -> str:
    """Return the shell lines that make the files; what runs them is this test's own."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    block = next(b for b in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "nuisance" in b)
    made, _, _ = block.partition("ANJU_GOLDEN=write")
    return made


@pytest.fixture
def tree(tmp_path):
    """A copy of the repository as a newcomer has it."""
    for named in COPIED:
        source = ROOT / named
        if source.is_dir():
            shutil.copytree(source, tmp_path / named,
                            ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        else:
            shutil.copy(source, tmp_path / named)
    return tmp_path


def test_both_readmes_have_the_same_commands():
    assert commands("README.md") == commands("README.zh-CN.md")


def test_following_it_makes_a_workflow_that_passes_its_tests(tree):
    subprocess.run(("bash", "-euc", commands("README.md")), cwd=tree, check=True)

    def run(*args: str, golden: str = "") -> str:
        done = subprocess.run(
            (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *CHECKS,
             "-k", "nuisance", *args),
            cwd=tree, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree), "HOME": str(tree),
                           "ANJU_GOLDEN": golden},
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    run(golden="write")
    assert " passed" in run()
    assert (tree / "tests/workflows/golden/nuisance.md").is_file()

"""Prepare, run and test Anju with nothing but Python 3.11+ and pip.

python3 dev.py setup          make .venv with the `anju` command in it
python3 dev.py demo [args]    the same, then `anju demo [args]`
python3 dev.py test [args]    the same with the test tools, then every check;
                              with arguments only pytest runs, and they go to it
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME, TEST = "requirements.lock", "requirements-test.lock"
CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-n", "2", "--dist", "worksteal"),
)


def main() -> int:
    """Run the command named first; the rest of the line belongs to it."""
    command, args = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    if command not in ("setup", "demo", "test"):
        print(__doc__)
        return 0 if command in ("help", "-h", "--help") else 2
    if sys.version_info < (3, 11):
        print(f"Anju needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 1
    os.chdir(ROOT)
    os.environ.pop("PYTHONPATH", None)
    if not (make_venv() and install(RUNTIME) and (command != "test" or install(TEST))):
        return 1
    if command == "demo":
        os.execv(VENV / "bin" / "anju", ["anju", "demo", *args])
    return test(args) if command == "test" else 0


def make_venv() -> bool:
    """Make .venv without ensurepip, which some systems leave out.

    It is made anew when its Python no longer starts or the folder was moved: scripts in
    it hold absolute paths.
    """
    home = VENV / "anju-root"
    if PYTHON.exists() and home.exists() and home.read_text(encoding="utf-8") == str(ROOT):
        return run(PYTHON, "-c", "") or rebuild(home)
    return rebuild(home)


def rebuild(home: Path) -> bool:
    """Write a fresh .venv and note where it stands."""
    print("making .venv")
    if not run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV):
        return False
    home.write_text(str(ROOT), encoding="utf-8")
    return True


def install(lock: str) -> bool:
    """Install the locked set and the project itself, unless the lock is installed already."""
    stamp = VENV / f"{lock}.installed"
    content = (ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(content).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return True
    print(f"installing {lock} (once; a minute on a slow line)", flush=True)
    pip = (sys.executable, "-m", "pip", "--python", PYTHON, "install", "-qq")
    itself = ("--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)
    if not (run(*pip, "--require-hashes", "-r", lock) and run(*pip, *itself)):
        print("pip failed; it must be 22.3 or newer (python3 -m pip --version)")
        return False
    stamp.write_text(wanted, encoding="utf-8")
    return True


def test(args: list[str]) -> int:
    """Run every check and stop at the first that fails, or only pytest with `args`."""
    for name, *rest in (("pytest", *args),) if args else CHECKS:
        print(f"· {name} {' '.join(rest)}", flush=True)
        if not run(VENV / "bin" / name, *rest):
            return 1
    return 0


def run(*command: object) -> bool:
    """Run a command in the project folder; tell whether it succeeded."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())

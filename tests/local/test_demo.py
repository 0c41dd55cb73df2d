"""`anju demo`, as a stranger runs it: one command, and again after whatever happened."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests

from tests.support.sources import ROOT
from tests.support.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.fault]

START_S = 60.0
BREACH_S = 45.0
TITLES = ("anju web", "anju ticker", "anju worker", "anju simulator", "postgres", "valkey")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Demo:
    """A running demo; `lines` are what it has printed."""

    process: subprocess.Popen[str]
    folder: Path
    lines: list[str]

    @property
    def file(self) -> Mapping[str, Any]:
        return json.loads((self.folder / "demo.json").read_text(encoding="utf-8"))

    def get(self, path: str, key: str = "dispatcher") -> Any:
        headers = {"Authorization": f"Bearer {self.file['keys'][key]}"}
        answer = requests.get(self.file["base_url"] + path, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def watched(self) -> str:
        """Return the number of the order whose breach was announced."""
        return next(line.split()[1] for line in self.lines if "watch" in line)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def demo(folder: Path, *more: str) -> Iterator[Demo]:
    """Start a demo and hand it over when it says where it is."""
    port = free_port()
    words = ("demo", "--data", str(folder), "--port", str(port), "--no-open", *more)
    process = subprocess.Popen(
        (sys.executable, "-m", "service", *words),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "ANJU_RATE_LIMIT": "off"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []

    def listen() -> None:
        for line in process.stdout or ():
            lines.append(line)

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    try:
        eventually(
            lambda: any("doctor" in line for line in lines) or process.poll() is not None, START_S
        )
        assert process.poll() is None, "".join(lines)
        yield Demo(process, folder, lines)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(30)
        reader.join(5)
        if process.stdout:
            process.stdout.close()


def children(pid: int) -> dict[int, str]:
    """Return every process below one, by its command line."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            parents[int(entry.name)] = (int(stat.rpartition(")")[2].split()[1]), line)
    found: dict[int, str] = {}
    wanted = {pid}
    while wanted:
        below = {p for p, (parent, _) in parents.items() if parent in wanted}
        found |= {p: parents[p][1].replace("\0", " ").strip() for p in below}
        wanted = below
    return found


def named(demo: Demo, title: str) -> set[int]:
    return {pid for pid, line in children(demo.process.pid).items() if title in line}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


def levels(demo: Demo, number: str) -> list[int]:
    """Return the levels of the arrival clock on an order's timeline."""
    history = demo.get(f"/v1/repair-orders/{number}/events")["data"]
    return [e["data"]["level"] for e in history if e["data"].get("clock") == "arrive"]


def has_breached(demo: Demo) -> bool:
    """Tell whether the announced breach stands on the timeline and in the inbox."""
    number = demo.watched()
    letters = demo.get("/v1/inbox?limit=100")["data"]
    told = {x["level"] for x in letters if x["ticket"]["number"] == number}
    return 0 in levels(demo, number) and 0 in told


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's own user may enter when the tests run as root."""
    made = Path(tempfile.mkdtemp(prefix="anju-test-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_the_demo_breaches_survives_and_goes_on(folder: Path):
    with demo(folder) as first:
        began = monotonic()
        assert all(named(first, title) for title in TITLES)
        assert not any("worker" in children(first.process.pid)[p] for p in named(first, "anju web"))
        assert first.get("/v1/repair-orders?limit=1&count=exact")["total"] >= 200
        meta = first.get("/v1/meta")
        assert (meta["demo"], meta["clock"]) == (True, "simulated")

        eventually(lambda: has_breached(first), BREACH_S)
        assert monotonic() - began <= BREACH_S
        assert levels(first, first.watched()).count(0) == 1

        _kill_each_part(first)
        number, keys, before = first.watched(), first.file["keys"], meta["server_time"]
        everything = set(children(first.process.pid))
        assert first.stop() == 0
        eventually(lambda: not alive(everything), 10)

    with demo(folder) as second:
        assert second.file["keys"] == keys
        assert second.get("/v1/meta")["server_time"] > before
        assert 0 in levels(second, number)
        _walk_through(second)
        everything = set(children(second.process.pid))
        second.process.kill()
        second.process.wait(10)
        eventually(lambda: not alive(everything), 20)

    with demo(folder, "--rate", "240") as third:
        assert third.get(f"/v1/repair-orders/{number}")["number"] == number
        eventually(lambda: has_breached(third), BREACH_S)


def _kill_each_part(running: Demo) -> None:
    """Kill every kind of process, and see each come back and the service answer."""
    for title in (*TITLES[:4], "valkey-server", "bin/postgres"):
        old = named(running, title)
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda title=title, old=old: named(running, title) - old, 20)
    eventually(lambda: _answers(running), 30)


def commands_of(words: str) -> str:
    return "".join(re.findall(r"```sh\n(.*?)```", words, re.DOTALL))


def from_the_walk_on(readme: str) -> str:
    return (ROOT / readme).read_text(encoding="utf-8").partition("curl")[2]


def test_both_languages_of_the_readme_walk_the_same_way():
    english, chinese = (
        re.sub(r"#.*", "", commands_of(from_the_walk_on(readme)))
        for readme in ("README.md", "README.zh-CN.md")
    )

    assert english == chinese


def _walk_through(running: Demo) -> None:
    """Paste the README's commands into a shell and compare what they answer with what it says."""
    commands = commands_of(from_the_walk_on("README.md").partition("\n## ")[0])
    assert "FILE=anju-demo/demo.json" in commands
    commands = commands.replace("FILE=anju-demo", f"FILE={running.folder}")
    done = subprocess.run(
        ("bash", "-c", commands),
        cwd=running.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout.splitlines()
    absent = [line for line in said if '"not-found"' in line]
    twice = [line for line in said[1:] if re.fullmatch(r"RO-\d{8}-\d{4}", line)]

    assert done.stderr == ""
    assert '"state":"awaiting_confirmation"' in done.stdout
    assert '"state":"closed"' in done.stdout
    for sign in (
        "illegal-transition", "forbidden-event", "version-mismatch", "/data/urgency",
        "already_postponed",
    ):  # fmt: skip
        assert sign in done.stdout, sign
    assert len(absent) == 2
    assert absent[0] == absent[1]
    assert len(twice) == 2
    assert twice[0] == twice[1]


def _answers(running: Demo) -> bool:
    try:
        return requests.get(running.file["base_url"] + "/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def test_a_taken_port_is_said_and_nothing_is_started(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            (
                sys.executable,
                "-m",
                "service",
                "demo",
                "--data",
                str(tmp_path / "d"),
                "--port",
                port,
            ),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert not (tmp_path / "d").exists()

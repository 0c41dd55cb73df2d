import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from service.local.supervisor import Child, Supervisor
from tests.support.waiting import eventually

ENDLESS = (sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()")
DEAF = (
    sys.executable,
    "-c",
    "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True)\nwhile True: signal.pause()",
)


@pytest.fixture
def supervisor():
    made = Supervisor()
    yield made
    made.stop()


def child(tmp_path, name="one", argv=ENDLESS, **more):
    return Child(name=name, argv=argv, log=tmp_path / f"{name}.log", **more)


def lines(tmp_path, name="one"):
    log = tmp_path / f"{name}.log"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_a_killed_child_is_started_again_at_once(supervisor, tmp_path):
    supervisor.add(child(tmp_path))
    eventually(lambda: lines(tmp_path) == ["up"])
    first = supervisor.pid("one")

    os.kill(first, signal.SIGKILL)

    eventually(lambda: lines(tmp_path) == ["up", "up"], within_s=5)
    assert supervisor.pid("one") != first
    assert supervisor.restarts("one") == 1


def test_a_child_that_keeps_dying_young_waits_longer_each_time(supervisor, tmp_path):
    supervisor.add(child(tmp_path, argv=(sys.executable, "-c", _STAMP)))

    eventually(lambda: len(lines(tmp_path)) >= 5)

    stamps = [float(line) for line in lines(tmp_path)[:5]]
    waits = [after - before for before, after in pairwise(stamps)]
    assert waits[1] > 0.4
    assert waits[2] > 0.8
    assert waits[3] > 1.6


_STAMP = "import time; print(time.monotonic(), flush=True)"


def test_one_childs_trouble_leaves_the_others_alone(supervisor, tmp_path):
    supervisor.add(child(tmp_path, "steady"))
    steady = supervisor.pid("steady")

    supervisor.add(child(tmp_path, "sick", argv=("/nowhere/at/all",)))

    eventually(lambda: supervisor.restarts("sick") >= 1)
    assert supervisor.pid("steady") == steady


def test_children_stop_in_reverse_order(tmp_path):
    supervisor = Supervisor()
    order = tmp_path / "order.log"
    for name in ("first", "second", "third"):
        argv = (sys.executable, "-c", _LAST_WORD, name)
        supervisor.add(Child(name=name, argv=argv, log=order))
    eventually(lambda: len(lines(tmp_path, "order")) == 3)

    supervisor.stop()

    assert lines(tmp_path, "order")[3:] == ["third", "second", "first"]


_LAST_WORD = """
import signal, sys
def end(*_):
    print(sys.argv[1], flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
signal.pause()
"""


def test_a_child_deaf_to_its_signal_is_killed_in_the_end(tmp_path):
    supervisor = Supervisor()
    supervisor.add(child(tmp_path, argv=DEAF, stop_s=0.2))
    eventually(lambda: lines(tmp_path) == ["up"])
    pid = supervisor.pid("one")

    supervisor.stop()

    assert not alive(pid)


def test_a_removed_child_stays_away(supervisor, tmp_path):
    supervisor.add(child(tmp_path))
    pid = supervisor.pid("one")

    supervisor.remove("one")

    assert supervisor.pid("one") is None
    assert not alive(pid)


def test_a_name_is_kept_once(supervisor, tmp_path):
    supervisor.add(child(tmp_path))

    with pytest.raises(ValueError, match="kept already"):
        supervisor.add(child(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_supervisor_and_its_children(tmp_path, number):
    owner = _owner(tmp_path)
    pid = int(owner.stdout.readline())

    owner.send_signal(number)
    said, _ = owner.communicate(timeout=20)

    assert said == "stopped\n"
    assert owner.returncode == 0
    assert not alive(pid)


@pytest.mark.fault
def test_children_end_with_a_killed_supervisor(tmp_path):
    owner = _owner(tmp_path)
    pid = int(owner.stdout.readline())

    owner.kill()
    owner.communicate(timeout=20)

    eventually(lambda: not alive(pid))


def _owner(tmp_path):
    return subprocess.Popen(
        (sys.executable, "-c", _OWNER, str(tmp_path)), stdout=subprocess.PIPE, text=True
    )


_OWNER = """
import signal, sys, threading
from pathlib import Path
from service.local.supervisor import Child, Supervisor

def tell():
    while signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        threading.Event().wait(0.01)
    print(supervisor.pid("one"), flush=True)

supervisor = Supervisor()
argv = (sys.executable, "-c", "import signal; signal.pause()")
supervisor.add(Child(name="one", argv=argv, log=Path(sys.argv[1]) / "one.log"))
threading.Thread(target=tell).start()
supervisor.run()
print("stopped", flush=True)
"""

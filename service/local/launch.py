"""Become a server that ends with its supervisor. A script of `supervisor.py`, never imported.

    launch.py SIGNAL PARENT UID:GID|- COMMAND...

A script of its own, because code between fork and exec may deadlock in a threaded parent.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(death_signal: str, parent: str, user: str, *command: str) -> None:
    """Change the user, ask the kernel for `death_signal` when the parent ends, then exec."""
    if user != "-":
        uid, gid = (int(part) for part in user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != int(parent):
            sys.exit("the supervisor ended first")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])

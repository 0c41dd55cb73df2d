"""An embedded Valkey: the bell and the short memory. It may be emptied at any moment."""

from pathlib import Path

import redis

from service.local.binaries import valkey_program
from service.local.supervisor import Child


class Valkey:
    """One Valkey in `home`, reached by a socket in `sockets`.

    Keeps an append-only file, and refuses writes rather than evict queued jobs.
    """

    name = "valkey"

    def __init__(self, home: Path, sockets: Path) -> None:
        self._data = home / "valkey"
        self._log = home / "log" / "valkey.log"
        self._socket = sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """Return the URL for redis-py."""
        return f"unix://{self._socket}?db=0"

    def child(self) -> Child:
        """Return the command, its folder made."""
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "pidfile": str(self._data / "valkey.pid"),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        words = (word for name, value in options.items() for word in (f"--{name}", value))
        return Child(
            name=self.name, argv=(str(valkey_program()), *words), log=self._log, cwd=self._data
        )

    def answers(self) -> bool:
        """Tell whether it takes commands now."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

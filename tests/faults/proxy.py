"""Stands between a process and PostgreSQL, and drops a connection at its COMMIT."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Drop = Literal["never", "before", "after"]
_SOCKET = ".s.PGSQL.5432"


@dataclass
class Proxy:
    """A socket in `folder` that leads to the server. `drop` is judged at each COMMIT.

    `before`: the COMMIT never reaches the server. `after`: the server has committed, but
    nobody hears of it. Either is done once.
    """

    url: str
    folder: Path
    drop: Drop = "never"
    dropped: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def through(self) -> str:
        """The database's URL by way of the proxy."""
        real = parse_qs(urlsplit(self.url).query)["host"][0]
        return self.url.replace(f"host={real}", f"host={self.folder}")

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        target = Path(parse_qs(urlsplit(self.url).query)["host"][0]) / _SOCKET
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(target))
                self._open += [client, server]
                for pump in (self._requests, self._answers):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if b"COMMIT\0" in data and self.drop == "before":
                    self._cut(client, server)
                    return
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if b"CCOMMIT\0" in data.replace(data[1:5], b"", 1) and self.drop == "after":
                    self._cut(client, server)
                    return
                client.sendall(data)
            client.close()

    def _cut(self, *ends: socket.socket) -> None:
        self.drop, self.dropped = "never", self.dropped + 1
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Cut everything that is still open."""
        for end in self._open:
            end.close()


@contextmanager
def proxying(url: str, folder: Path) -> Iterator[Proxy]:
    """Serve a proxy in a folder whose name is short enough for a socket."""
    proxy = Proxy(url, folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / _SOCKET))
        listener.listen(16)
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            proxy.close()

"""What clients did and were told: one line a call, written as it happens, readable after a crash.

The checker holds the database against it. A call that got no answer, or a 5xx that does not
say that nothing happened, is `unknown`: it may have happened once or not at all.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import IO, Any, Literal

Outcome = Literal["ok", "fail", "unknown"]

OPEN = "submit"
READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP call. `asks` is the event type, also of an opening; `read` stands for a look.

    `ticket` is the id the call is about; of an opening the id the client minted, or the one
    it was told. `event_id` is client-minted (an opening that mints none has None) and stays
    the same over retries, as does `key`. Times are seconds of the machine's monotonic clock.
    `body` is the answer's JSON when it was JSON, `problem` the slug of its `type`.
    """

    client: str
    actor: str
    role: str
    method: str
    path: str
    asks: str
    ticket: str | None = None
    event_id: str | None = None
    key: str | None = None
    sent_at: float
    answered_at: float
    status: int | None
    content_type: str = ""
    retry_after: str | None = None
    problem: str | None = None
    body: Any = None

    @property
    def outcome(self) -> Outcome:
        """Return what the client may conclude: 2xx happened, 4xx and 503 unavailable did not."""
        if self.status is None or self.problem == "outcome-unknown":
            return "unknown"
        if self.status < 300:
            return "ok"
        certain = self.status < 500 or self.problem == "storage-unavailable"
        return "fail" if certain else "unknown"


class Journal:
    """A file of calls; threads and processes may each keep their own and be read together."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._lock = Lock()
        self._file: IO[str] = place.open("a", encoding="utf-8")

    def add(self, call: Call) -> None:
        """Write one call; it is on its way to the disk when this returns."""
        line = json.dumps(asdict(call), ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read(*places: Path) -> Iterator[Call]:
    """Yield the calls of some journals, each in its own order; a torn last line is passed over."""
    for place in places:
        for line in place.read_text(encoding="utf-8").splitlines():
            try:
                members: Mapping[str, Any] = json.loads(line)
            except ValueError:
                continue
            yield Call(**members)

"""The whole examination: three looks at once, none of which may keep the others waiting."""

from collections.abc import Callable, Iterator
from threading import Thread
from time import monotonic
from typing import Final

from service.local.doctor import bells, database, surroundings
from service.local.doctor.finding import Finding, Installation

BOUND_S: Final = 15.0
"""How long an examination lasts at most, whatever is mute or frozen."""

_LOOKS: Final = (
    ("surroundings", surroundings.look, "a folder does not answer: see df -h and dmesg"),
    ("redis", bells.look, bells.AWAY_CURE),
    ("database", database.look, database.AWAY_CURE),
)


def examine(installation: Installation, *, bound_s: float = BOUND_S) -> tuple[Finding, ...]:
    """Look at everything; what needs the database is left out while that is away.

    Returns after `bound_s` seconds at the latest; a look that has not ended by then is
    itself a finding, after those it made.
    """
    deadline = monotonic() + bound_s
    looks = [_Look(name, look, cure, installation) for name, look, cure in _LOOKS]
    for look in looks:
        look.start()
    return tuple(finding for look in looks for finding in look.until(deadline))


class _Look(Thread):
    """One look in a thread of its own, which does not keep the process alive."""

    def __init__(
        self,
        name: str,
        look: Callable[[Installation], Iterator[Finding]],
        cure: str,
        installation: Installation,
    ) -> None:
        super().__init__(name=f"doctor-{name}", daemon=True)
        self._what, self._cure = name, cure
        self._findings = look(installation)
        self._found: list[Finding] = []
        self._failed: Exception | None = None

    def run(self) -> None:
        """Keep each finding as soon as it is made: those before a silence count too."""
        try:
            for finding in self._findings:
                self._found.append(finding)
        except Exception as exc:  # noqa: BLE001 — raised again by whoever waits
            self._failed = exc

    def until(self, deadline: float) -> list[Finding]:
        """Return what was found by then. Raises what the look raised."""
        self.join(max(0.0, deadline - monotonic()))
        if self.is_alive():
            return [*self._found, Finding(self._what, False, "does not answer", self._cure)]
        if self._failed is not None:
            raise self._failed
        return self._found

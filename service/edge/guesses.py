"""Wrong keys and link tokens: counted by address and by key, then answered 429 (PROOF A30).

What stops a guesser is that a key has 190 random bits and a link 128. Counting makes guessing
show, and tells an honest client when to try again. It refuses only what is wrong anyway: the
right key or link is let in at once, from any address, however many guess beside it. An expired
or revoked key is no guess.
"""

from service.core import keys
from service.core.errors import Unauthenticated
from service.edge.quota import Quota

_GUESSED = ("malformed", "unknown")


class Guesses:
    """So many wrong tries a minute for each address, and for each key tried."""

    def __init__(self, limit: int, redis_url: str | None = None) -> None:
        self._quota = Quota(limit, redis_url, policy="guesses")

    def wrong_key(self, refused: Unauthenticated, header: str | None, address: str) -> None:
        """Count a refused Authorization header. Raises RateLimited when it was one too many."""
        if refused.reason not in _GUESSED:
            return
        key = keys.parse((header or "").strip().partition(" ")[2].strip())
        tried = [] if key is None else [f"guess:key:{key.prefix}"]
        self._count(f"guess:at:{address}", *tried)

    def wrong_token(self, address: str) -> None:
        """Count a link token that opens nothing. Raises RateLimited as well."""
        self._count(f"guess:at:{address}")

    def _count(self, *subjects: str) -> None:
        for spent in [self._quota.spend(subject) for subject in subjects]:
            self._quota.refuse(spent)

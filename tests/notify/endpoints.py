"""Webhook endpoints for tests."""

from uuid import UUID

from service.core.ids import derived
from tests.support.live import Live

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def endpoint(live: Live, url: str, *types: str, place: str = "jinjiang", name: str = "e") -> UUID:
    """Insert an endpoint of the manager's; return its id."""
    ident = derived("test-endpoint", name)
    live.do(
        "INSERT INTO webhook_endpoint (id, account_id, url, types, place_id, place_key, secret, "
        "created_at) SELECT :id, :owner, :url, :types, id, key, :secret, app_now() FROM place "
        "WHERE id = :place",
        id=ident, owner=live.story.actor("admin").id, url=url, types=list(types), place=place,
        secret=SECRET,
    )  # fmt: skip
    return ident

"""What the front doors need to know of the settings; bootstrap fills it in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """`rate_limit` is calls a minute and credential, None switches the quota off.

    `guess_limit` is wrong credentials a minute; `proxies` are networks whose
    X-Forwarded-For is believed.
    """

    base_url: str
    secret: str
    environment: str = "production"
    rate_limit: int | None = 600
    guess_limit: int = 10
    proxies: tuple[str, ...] = ()
    redis_url: str | None = None
    webhook_allow: tuple[str, ...] = ()
    version: str = ""
    simulated: bool = False

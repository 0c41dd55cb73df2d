"""The environment of a folder's embedded servers: what an operator would set by hand."""

import os
import secrets
from pathlib import Path
from typing import Final

from service.local.servers import Servers
from service.local.wiring import Environment

DEFAULT_FOLDER: Final = "anju-demo"
_PASSED_ON = ("ANJU_RATE_LIMIT", "ANJU_LOG_LEVEL")
_LOOPBACK = "127.0.0.0/8,::1/128"


def environment(servers: Servers, base_url: str) -> Environment:
    """Return ANJU_* variables for the servers of a folder. Precondition: they run.

    Webhooks may reach this machine (RULINGS 36). Quota and log level follow the caller's
    environment; a configured database is never touched.
    """
    return {
        "ANJU_ENVIRONMENT": "demo",
        "ANJU_DATABASE_URL": servers.app_url,
        "ANJU_OWNER_DATABASE_URL": servers.owner_url,
        "ANJU_REDIS_URL": servers.redis_url,
        "ANJU_SECRET": _secret(servers.folder),
        "ANJU_BASE_URL": base_url,
        "ANJU_WEBHOOK_ALLOW": _LOOPBACK,
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    }


def _secret(folder: Path) -> str:
    """Return the folder's own secret, made on first use."""
    place = folder / "secret"
    if not place.exists():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(place, flags, 0o600), "w", encoding="utf-8") as out:
            out.write(secrets.token_urlsafe(32))
    return place.read_text(encoding="utf-8")

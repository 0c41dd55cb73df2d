"""What can be judged without any server: secrets, passwords, room on the disks."""

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from service.local.doctor.finding import Finding, Installation, judged
from service.local.wiring import Settings

LEAST_SECRET: Final = 32
LEAST_KINDS: Final = 10
LEAST_PASSWORD: Final = 12
LEAST_FREE_BYTES: Final = 512 << 20

_MAKE = "$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
_COMMON = ("anju", "changeme", "password", "postgres", "secret", "12345", "admin", "letmein")


def look(installation: Installation) -> Iterator[Finding]:
    """Judge secrets, passwords and disks."""
    settings = installation.application.settings
    yield _secret(settings.secret)
    yield _passwords(settings)
    yield _disk(installation.folder)


def _secret(secret: str) -> Finding:
    if len(secret) < LEAST_SECRET or secret.startswith("only-for-"):
        said = "missing or short"
    elif len(set(secret)) < LEAST_KINDS:
        said = "easily guessed: few different characters"
    else:
        said = "long enough"
    return judged("secret", said, f"export ANJU_SECRET={_MAKE}", ok=said == "long enough")


def _passwords(settings: Settings) -> Finding:
    """Judge the passwords that stand in URLs; peers, certificates and files need none."""
    urls = {
        "ANJU_DATABASE_URL": settings.database_url,
        "ANJU_OWNER_DATABASE_URL": settings.owner_database_url,
        "ANJU_REDIS_URL": settings.redis_url,
    }
    weak = [name for name, url in urls.items() if url and _is_weak(url)]
    said = f"weak in {', '.join(weak)}" if weak else "none is weak"
    cure = "\n".join(_new_password(name, urls[name] or "") for name in weak)
    return judged("passwords", said, cure, ok=not weak)


def _is_weak(url: str) -> bool:
    try:
        asked = make_url(url)
    except (ArgumentError, ValueError):  # whoever connects by it finds that fault
        return False
    if asked.password is None:
        return False
    password = str(asked.password).lower()
    known = password == (asked.username or "").lower() or password.startswith(_COMMON)
    return known or len(password) < LEAST_PASSWORD


def _new_password(setting: str, url: str) -> str:
    if setting == "ANJU_REDIS_URL":
        return f"redis-cli config set requirepass {_MAKE}  # then put it into {setting}"
    role = make_url(url).username
    return f"psql \"$ANJU_OWNER_DATABASE_URL\" -c '\\password {role}'  # then put it into {setting}"


def _disk(folder: Path | None) -> Finding:
    """Judge the tightest of our disks; the database's own is known when it is embedded."""
    places = [Path.cwd(), Path(tempfile.gettempdir())]
    if folder is not None:
        places += [folder, (folder / "postgres").resolve()]
    free, place = min((_free(place), str(place)) for place in places)
    cure = f"du -xh --max-depth=2 {shlex.quote(place)} | sort -h | tail  # and make room there"
    return judged("disk", f"{free >> 20} MiB free at {place}", cure, ok=free >= LEAST_FREE_BYTES)


def _free(place: Path) -> int:
    """Return the free bytes of the disk below the nearest folder that we may look into."""
    while True:
        try:
            return shutil.disk_usage(place).free
        except (FileNotFoundError, PermissionError):
            place = place.parent

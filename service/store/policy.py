"""SLA profiles by version. A version never changes, so it is read once per process."""

import time
from collections.abc import Iterable
from threading import Lock
from typing import Protocol

from sqlalchemy import text

from service.sla.clocks import Profiles
from service.sla.history import Mark
from service.sla.policy import Profile, profile_from_body, require_active
from service.store.unit_of_work import Tx

_NEWEST_FOR_S = 5.0
_GET = text("SELECT body FROM sla_profile WHERE id = :id AND version = :version")
_NEWEST = text("""
SELECT version, body FROM sla_profile WHERE id = :id AND effective_from <= (SELECT app_now())
 ORDER BY version DESC LIMIT 1""")


class UnknownProfile(Exception):
    """No such profile is stored."""


class Versions(Protocol):
    """Where versions of profiles come from."""

    def get(self, tx: Tx, profile: str, version: int) -> Profile:
        """Return one version. Raises UnknownProfile."""


def pinned(tx: Tx, policies: Versions, marks: Iterable[Mark]) -> Profiles:
    """Return every profile version that a history names."""
    pins = {(m.terms.profile, m.terms.profile_version) for m in marks if m.terms}
    return {pin: policies.get(tx, *pin) for pin in pins}


class StoredPolicies:
    """Profiles from the table; which version is newest may lag by five seconds."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, int], Profile] = {}
        self._newest: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    def get(self, tx: Tx, profile: str, version: int) -> Profile:
        """Return one version of a profile. Raises UnknownProfile."""
        known = self._versions.get((profile, version))
        if known is None:
            body = tx.conn.execute(_GET, {"id": profile, "version": version}).scalar()
            if body is None:
                raise UnknownProfile(profile)
            known = self._keep(profile_from_body(body, version=version))
        return known

    def newest(self, tx: Tx, profile: str) -> Profile:
        """Return the version in force. Raises UnknownProfile, TemplateProfile."""
        at, version = self._newest.get(profile, (float("-inf"), 0))
        if time.monotonic() - at > _NEWEST_FOR_S:
            row = tx.conn.execute(_NEWEST, {"id": profile}).one_or_none()
            if row is None:
                raise UnknownProfile(profile)
            version = row.version
            self._keep(profile_from_body(row.body, version=version))
            self._newest[profile] = (time.monotonic(), version)
        found = self.get(tx, profile, version)
        require_active(found)
        return found

    def _keep(self, profile: Profile) -> Profile:
        with self._lock:
            return self._versions.setdefault((profile.id, profile.version), profile)

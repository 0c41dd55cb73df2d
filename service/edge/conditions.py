"""Request headers that make a call conditional: If-Match, If-None-Match, Idempotency-Key."""

import hashlib
import re
from dataclasses import dataclass

from service.core.errors import FieldError, PreconditionRequired, ValidationFailed

_STRONG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"v(\d{1,9})")
_NEVER = -1  # a tag that matches no version
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class IfMatch:
    """What If-Match asked: nothing, `*`, or a version (-1 when none can match)."""

    present: bool
    version: int | None = None

    def required(self) -> int | None:
        """Return the version, None for `*`. Raises PreconditionRequired when absent."""
        if not self.present:
            raise PreconditionRequired
        return self.version


def etag(version: int) -> str:
    """Return the strong tag of a version."""
    return f'"v{version}"'


def weak_etag(body: bytes) -> str:
    """Return the weak tag of an answer without a version."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def if_match(header: str | None) -> IfMatch:
    """Read If-Match. Weak and foreign tags never match; of several the highest counts."""
    if header is None:
        return IfMatch(present=False)
    if header.strip() == "*":
        return IfMatch(present=True)
    versions = [
        int(found[1])
        for weak, tag in _STRONG.findall(header)
        if not weak and (found := _VERSION.fullmatch(tag))
    ]
    return IfMatch(present=True, version=max(versions, default=_NEVER))


def none_match(header: str | None, tag: str | None) -> bool:
    """Tell whether If-None-Match names the tag: the client has this answer already."""
    if header is None or tag is None:
        return False
    if header.strip() == "*":
        return True
    opaque = tag.removeprefix("W/")
    return any(f'"{sent}"' == opaque for _, sent in _STRONG.findall(header))


def idempotency_key(header: str | None) -> str | None:
    """Return the key without its quotes. Raises ValidationFailed, code `idempotency_key`."""
    if header is None:
        return None
    bare = header.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    if _VISIBLE.fullmatch(bare) is None:
        raise ValidationFailed([FieldError("", "idempotency_key")])
    return bare

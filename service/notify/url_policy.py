"""Where a webhook may be sent: public addresses, and networks the operator lists.

Asked when an endpoint is made and again at each sending; the sender connects to the
addresses returned here and asks no name server a second time (PROOF A17, A18).
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from service.core.errors import FieldError, ValidationFailed

_LONGEST = 2048
_URL = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]*\.?")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LOW_PORTS = frozenset(_DEFAULT_PORTS.values())
_FIRST_HIGH_PORT = 1024

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


def addresses_of(host: str, port: int) -> Sequence[str]:
    """Return every address of a host name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_url(
    url: str, allow: Sequence[str] = (), resolve: Resolve = addresses_of
) -> Sequence[str]:
    """Return the addresses that may be connected to, all of them checked.

    One forbidden address among several forbids the URL. Plain http is only for `allow`.
    Raises ValidationFailed, code `url_not_allowed`.
    """
    parts, host, port = _taken_apart(url)
    try:
        named = _literal(host)
        found = [str(named)] if named is not None else resolve(host, port)
        addresses = [ipaddress.ip_address(address) for address in found]
    except (OSError, ValueError) as exc:
        raise _refusal() from exc
    if not addresses:
        raise _refusal()
    networks = [ipaddress.ip_network(network) for network in allow]
    for address in addresses:
        allowed = any(_inside(form, networks) for form in _forms(address))
        if not allowed and (parts.scheme != "https" or not _public(address)):
            raise _refusal()
    return [str(address) for address in addresses]


def _taken_apart(url: str) -> tuple[SplitResult, str, int]:
    if len(url) > _LONGEST or _URL.fullmatch(url) is None or "\\" in url:
        raise _refusal()
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError as exc:
        raise _refusal() from exc
    if parts.scheme not in ("https", "http"):
        raise _refusal()
    if "@" in parts.netloc:
        raise _refusal()
    if not parts.hostname or (port < _FIRST_HIGH_PORT and port not in _LOW_PORTS):
        raise _refusal()
    return parts, parts.hostname, port


def _literal(host: str) -> Address | None:
    """Return the address a host spells; None for a name.

    Only canonical addresses: `0177.1`, `2130706433` and `0x7f.1` are neither.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if _NAME.fullmatch(host) is None:
            raise
        return None


def _forms(address: Address) -> list[Address]:
    """Return the address and whatever IPv4 address is wrapped in it."""
    if isinstance(address, IPv4Address):
        return [address]
    inner: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    if address in ipaddress.ip_network("64:ff9b::/96") or address.packed[:12] == bytes(12):
        inner.append(IPv4Address(address.packed[12:]))
    if address.teredo is not None:
        inner += list(address.teredo)
    return [address, *(form for form in inner if form is not None)]


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return False
    return all(form.is_global and not form.is_multicast for form in _forms(address))


def _inside(address: Address, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(address.version == n.version and address in n for n in networks)


def _refusal() -> ValidationFailed:
    return ValidationFailed([FieldError("/url", "url_not_allowed")])

"""Where a call comes from, as limits count it: only listed proxies are believed (PROOF A29)."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

_HOUSEHOLD_BITS = 64  # one customer holds a whole /64 and could take a new address for each call

Network = ipaddress.IPv4Network | IPv6Network


def networks(listed: Sequence[str]) -> tuple[Network, ...]:
    """Return the parsed networks."""
    return tuple(ipaddress.ip_network(network) for network in listed)


def caller(peer: str | None, forwarded: str | None, proxies: Sequence[Network]) -> str:
    """Return the caller's IPv4 address, or the /64 of an IPv6 one.

    `peer` is the other end of the connection. When it is one of `proxies`, X-Forwarded-For
    (`forwarded`) is read from its end to the first address that is no proxy; what stands
    before that, anybody could have written.
    """
    at = peer or ""
    for hop in reversed((forwarded or "").split(",")):
        if not _inside(at, proxies) or not hop.strip():
            break
        at = hop.strip()
    return _counted(at)


def _inside(address: str, proxies: Sequence[Network]) -> bool:
    if not proxies:
        return False
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in proxies)


def _counted(address: str) -> str:
    parsed = _parsed(address)
    if parsed is None:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(IPv6Interface((parsed, _HOUSEHOLD_BITS)).network)
    return str(parsed)


def _parsed(address: str) -> ipaddress.IPv4Address | IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed

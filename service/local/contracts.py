"""Signs the contracts of the demo district: a few firms pay their deposits to the street."""

from service.commands.deposits import Receive, receive
from service.commands.ports import Ports
from service.core.actors import Role
from service.local.cast import Cast, Where
from service.local.lines import NobodyFits
from service.local.lives.scripted import property_of

_FEN_PER_YUAN = 100
_PROPERTY, _SERVICE = 50_000 * _FEN_PER_YUAN, 20_000 * _FEN_PER_YUAN


def sign(ports: Ports, cast: Cast, compounds: list[Where]) -> int:
    """Let the firms of the first three compounds pay in; return how many contracts there are.

    They are few: each is assessed every quarter and every year. Raises NobodyFits.
    """
    lotus, second, third = compounds[:3]
    contracts = (
        (lotus, property_of(lotus), _PROPERTY),
        (lotus, "v-huwei", _SERVICE),
        (second, property_of(second), _PROPERTY),
        (second, "v-jiejing", _SERVICE),
        (third, "v-yibo", _SERVICE),
    )
    for n, (compound, vendor, fen) in enumerate(contracts, 1):
        officer = cast.over(Role.STREET_OFFICER, compound.path)
        if officer is None:
            raise NobodyFits
        payment = Receive(
            actor=officer,
            vendor=vendor,
            compound=compound.id,
            fen=fen,
            document=f"JF-{n:03d}",
            required_fen=fen,
        )
        receive(ports, payment)
    return len(contracts)

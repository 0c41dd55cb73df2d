"""Signs the contracts of the demo district: a few firms pay their deposits to the street."""

from datetime import date, timedelta

from service.commands.deposits import Receive, receive
from service.commands.ports import Ports
from service.core.actors import Role
from service.local.cast import Cast, Where
from service.local.lines import NobodyFits
from service.local.lives.scripted import property_of

_FEN_PER_YUAN = 100
_PROPERTY, _SERVICE = 50_000 * _FEN_PER_YUAN, 20_000 * _FEN_PER_YUAN
_LONG, _SOON = timedelta(days=500), timedelta(days=20)  # managers are told a month ahead


def sign(ports: Ports, cast: Cast, compounds: list[Where], today: date) -> int:
    """Let the firms of the first three compounds pay in; return how many contracts there are.

    They are few: each is assessed every quarter and every year. `today` is the day of the
    visitor. Raises NobodyFits.
    """
    lotus, second, third = compounds[:3]
    contracts = (
        (lotus, property_of(lotus), _PROPERTY, _LONG),
        (lotus, "v-huwei", _SERVICE, _LONG),
        (second, property_of(second), _PROPERTY, _LONG),
        (second, "v-jiejing", _SERVICE, _SOON),
        (third, "v-yibo", _SERVICE, _LONG),
    )
    for n, (compound, vendor, fen, lasts) in enumerate(contracts, 1):
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
            contract_until=today + lasts,
        )
        receive(ports, payment)
    return len(contracts)

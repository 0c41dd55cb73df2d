"""Which addresses a webhook may reach (PROOF A17, A18)."""

from collections.abc import Sequence

import pytest

from service.core.errors import ValidationFailed
from service.notify.url_policy import check_url

LOOPBACK = ("127.0.0.0/8", "::1/128")


def named(*addresses: str):
    def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


def test_a_public_address_is_returned_for_connecting() -> None:
    found = check_url("https://hooks.example/anju", (), named("93.184.216.34"))

    assert found == ["93.184.216.34"]


@pytest.mark.attack
@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/", "ftp://hooks.example/", "https://", "https:///x",
        "//hooks.example",
        "https://127.0.0.1/", "https://127.1/", "https://0177.0.0.1/", "https://0x7f.0.0.1/",
        "https://2130706433/", "https://0/", "https://[::1]/", "https://[::]/",
        "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::7f00:1]/",
        "https://[2002:7f00:1::]/", "https://[64:ff9b::7f00:1]/", "https://[fe80::1]/",
        "https://[fd00::1]/", "https://10.1.2.3/", "https://172.16.0.1/", "https://192.168.1.1/",
        "https://169.254.169.254/", "https://100.64.0.1/", "https://224.0.0.1/", "https://0.0.0.0/",
        "https://user@hooks.example/", "https://u:p@hooks.example/", "https://a\\@hooks.example/",
        "https://hooks.example:22/", "https://hooks.example:0/", "https://hooks.example:99999/",
        "https://hooks.example:x/", "https://hooks example/", "https://hooks.example/\r\nX: y",
        "https://hóoks.example/", "https://hooks..example/", "https://" + "a" * 2100 + ".example/",
    ],
)  # fmt: skip
def test_what_leads_inside_or_astray_is_refused(url: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_url(url, (), named("93.184.216.34"))

    assert refused.value.errors[0].code == "url_not_allowed"


@pytest.mark.attack
@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("93.184.216.34", "10.0.0.1"), ("93.184.216.34", "::1"),
     ("::ffff:10.0.0.1",), ()],
)  # fmt: skip
def test_one_forbidden_address_among_several_forbids_the_name(addresses: Sequence[str]) -> None:
    with pytest.raises(ValidationFailed):
        check_url("https://hooks.example/", (), named(*addresses))


def test_a_name_that_does_not_resolve_is_refused() -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    with pytest.raises(ValidationFailed):
        check_url("https://hooks.example/", (), resolve)


def test_the_operators_networks_may_be_reached_also_without_tls() -> None:
    assert check_url("http://127.0.0.1:8080/x", LOOPBACK) == ["127.0.0.1"]
    assert check_url("http://[::1]:8080/x", LOOPBACK) == ["::1"]
    assert check_url("https://h.example/", LOOPBACK, named("127.0.0.9")) == ["127.0.0.9"]
    with pytest.raises(ValidationFailed):
        check_url("http://93.184.216.34/", LOOPBACK)

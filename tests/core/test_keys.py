import base64

import pytest

from service.core import keys, webhook_secret
from service.core.keys import ALPHABET


def test_a_minted_key_is_found_again_by_prefix_and_digest():
    minted = keys.mint()
    parsed = keys.parse(minted.text)

    assert parsed is not None
    assert (parsed.prefix, parsed.digest) == (minted.prefix, minted.digest)
    assert keys.same(minted.digest, keys.digest(minted.text))
    assert minted.text.startswith(f"anju_live_{minted.prefix}_")


def test_two_keys_differ():
    assert keys.mint().text != keys.mint().text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1],
        lambda text: text + "0",
        lambda text: text.replace("anju_live_", "anju_test_"),
        lambda text: text[:-1] + ALPHABET[(ALPHABET.index(text[-1]) + 1) % len(ALPHABET)],
        lambda text: text.swapcase(),
        lambda _text: "",
    ],
)
def test_a_mistyped_key_is_no_key(spoil):
    minted = keys.mint(draw=lambda _alphabet: "a")

    assert keys.parse(minted.text) is not None
    assert keys.parse(spoil(minted.text)) is None


def test_a_webhook_secret_has_thirty_two_bytes():
    secret = webhook_secret.mint()

    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret != webhook_secret.mint()

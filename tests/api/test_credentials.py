"""Who calls: keys that are missing, mistyped, unknown, revoked, expired (API 2; A08–A10)."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from service.core import keys
from tests.support.house import START
from tests.support.http import Http

PATH = "/v1/repair-orders"


def reason(http: Http, header: str | None) -> tuple[int, str]:
    """Return status and reason of a call with this Authorization header."""
    headers = {} if header is None else {"Authorization": header}
    answer = http.get(PATH, None, headers=headers)
    return answer.status_code, answer.get_json().get("reason", "")


@pytest.mark.attack
def test_a_key_must_be_whole_and_known(http: Http) -> None:
    good = http.key("dispatcher")
    stranger = keys.mint().text

    assert reason(http, None) == (401, "missing")
    for header in ("Basic abc", "Bearer", "Bearer ", "Bearer x", f"Bearer {good[:-1]}",
                   f"Bearer {good}x", f"Token {good}"):  # fmt: skip
        assert reason(http, header) == (401, "malformed"), header
    assert reason(http, f"Bearer {stranger}") == (401, "unknown")
    assert http.get(PATH, None, headers={"Authorization": f"bearer {good}"}).status_code == 200


@pytest.mark.attack
def test_a_foreign_prefix_opens_nothing(http: Http) -> None:
    good = http.key("dispatcher")
    body = good[:-6].replace(good[10:18], http.key("crew")[10:18])
    swapped = body + keys.checksum(body)

    assert reason(http, f"Bearer {swapped}") == (401, "unknown")


@pytest.mark.attack
def test_revoked_and_expired_keys_are_refused(http: Http) -> None:
    actor = http.story.actor("dispatcher")
    revoked = http.new_key(actor, revoked_at=START)
    expired = http.new_key(actor, expires_at=START)
    lasting = http.new_key(actor, expires_at=START + timedelta(milliseconds=1))

    assert reason(http, f"Bearer {revoked}") == (401, "revoked")
    assert reason(http, f"Bearer {expired}") == (401, "expired")
    assert http.get(PATH, None, headers={"Authorization": f"Bearer {lasting}"}).status_code == 200


@pytest.mark.attack
def test_a_key_taken_away_in_mid_session_stops_within_seconds(http: Http) -> None:
    key = http.key("dispatcher")
    assert http.get(PATH).status_code == 200
    http.story.conn.execute(text("UPDATE api_key SET revoked_at = app_now()"))
    http.forget_credentials()

    assert reason(http, f"Bearer {key}") == (401, "revoked")


def test_last_use_is_noted_once_a_minute(http: Http) -> None:
    def last() -> object:
        return http.story.conn.execute(text("SELECT last_used_at FROM api_key")).scalar()

    http.get(PATH)
    assert last() == START
    http.story.advance(seconds=59)
    http.forget_credentials()
    http.get(PATH)
    assert last() == START
    http.story.advance(seconds=2)
    http.forget_credentials()
    http.get(PATH)
    assert last() == START + timedelta(seconds=61)


def test_answers_carry_the_security_headers_and_the_request_id(http: Http) -> None:
    answer = http.get(PATH, headers={"X-Request-Id": "trace-1"})

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Strict-Transport-Security"]
    assert answer.headers["X-Request-Id"] == "trace-1"
    assert "Server" not in answer.headers


@pytest.mark.parametrize("sent", ["a b", "x" * 65, "ä", "<script>"])
def test_an_unusable_request_id_is_replaced(http: Http, sent: str) -> None:
    answer = http.get(PATH, headers={"X-Request-Id": sent.encode("utf-8").decode("latin-1")})

    assert answer.headers["X-Request-Id"].startswith("r-")


@pytest.mark.attack
def test_no_name_and_no_phone_reaches_the_log(http: Http, capsys: object) -> None:
    opened = http.open(reporter={"name": "金丝雀", "phone": "13911112222", "channel": "phone"})
    http.get(f"{PATH}/{opened['id']}/contact")
    http.get(f"{PATH}?q=金丝雀")
    http.post(PATH, {"zzz": "金丝雀 13911112222"})

    out, err = capsys.readouterr()  # type: ignore[attr-defined]
    assert "request" in out + err
    assert "金丝雀" not in out + err
    assert "13911112222" not in out + err


@pytest.mark.attack
def test_a_body_without_a_length_is_measured_as_it_comes(http: Http) -> None:
    def send(size: int) -> int:
        return http.call(
            "POST", PATH, "dispatcher", input_stream=io.BytesIO(b" " * size),
            headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        ).status_code  # fmt: skip

    assert (send(1 << 20), send((1 << 20) + 1), send(5 << 20)) == (400, 413, 413)


@pytest.mark.attack
def test_encoded_bodies_and_foreign_charsets_are_not_offered(http: Http) -> None:
    for headers in (
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "text/plain"},
        {},
    ):
        answer = http.call("POST", PATH, "dispatcher", data=b"{}", headers=headers)
        assert answer.status_code == 415, headers


@pytest.mark.attack
def test_addresses_without_end_and_control_characters_are_refused(http: Http) -> None:
    assert http.get(f"{PATH}?q={'a' * 9000}").status_code == 413
    assert http.get(f"{PATH}/%00").status_code == 404
    assert http.get(f"{PATH}?q=a%0D%0ASet-Cookie:x").status_code == 422
    assert http.call("TRACE", PATH, "dispatcher").status_code == 405
    assert http.call("OPTIONS", PATH, "dispatcher").status_code == 405
    assert http.call("HEAD", PATH, "dispatcher").status_code == 200

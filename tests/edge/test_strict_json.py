"""Strict JSON: what two readers could read differently is refused, with line and column."""

import time

import pytest

from service.edge.refusals import MalformedJson
from service.edge.strict_json import parse

REFUSED = {
    "empty": (b"", 1, 1),
    "duplicate-name": (b'{"a": 1,\n "a": 2}', 2, 2),
    "duplicate-name-within": (b'{"x": {"b": 1, "c": {"b": 2}}, "x": 1}', 1, 32),
    "escaped-duplicate-name": (b'{"a": 1, "\\u0061": 2}', 1, 10),
    "nan": (b"[NaN]", 1, 2),
    "infinity": (b"[-Infinity]", 1, 2),
    "trailing-bytes": (b"{} x", 1, 4),
    "trailing-comma": (b"[1,]", 1, 4),
    "nul": (b'["\\u0000"]', 1, 2),
    "lone-surrogate": (b'{"a": "\\ud800"}', 1, 7),
    "lone-surrogate-in-a-name": (b'{"\\udc00": 1}', 1, 2),
    "integer-beyond-64-bits": (b"[9223372036854775808]", 1, 2),
    "integer-below-64-bits": (b"[-9223372036854775809]", 1, 2),
    "float-beyond-range": (b"[1e999]", 1, 2),
    "too-many-names": (b"{" + b", ".join(b'"%d": 0' % n for n in range(1001)) + b"}", 1, 9892),
    "too-deep": (b"[" * 33 + b"]" * 33, 1, 33),
    "not-utf-8": (b'{"a": "\xff"}', 1, 8),
    "byte-order-mark": (b"\xef\xbb\xbf{}", 1, 1),
    "control-character": (b'["\x01"]', 1, 3),
    "single-quotes": (b"{'a': 1}", 1, 2),
}


@pytest.mark.attack
@pytest.mark.parametrize("name", REFUSED)
def test_ambiguous_json_is_refused_where_it_stands(name: str) -> None:
    raw, line, column = REFUSED[name]

    with pytest.raises(MalformedJson) as refused:
        parse(raw)

    assert (refused.value.line, refused.value.column) == (line, column)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"[9223372036854775807, -9223372036854775808]", [2**63 - 1, -(2**63)]),
        (b"[" * 32 + b"]" * 32, None),
        (b'["\\ud83d\\ude00"]', ["😀"]),
        (b' {"a": {"b": 1}, "c": {"b": 1}} \n', {"a": {"b": 1}, "c": {"b": 1}}),
        (b'{"a": "\\\\u0000"}', {"a": "\\u0000"}),
    ],
)
def test_what_is_plain_is_read(raw: bytes, value: object) -> None:
    found = parse(raw)

    assert value is None or found == value


@pytest.mark.attack
@pytest.mark.parametrize("raw", [b"[" * 1_000_000, b"[[]," * 250_000, b'{"a":' * 200_000])
def test_nesting_without_end_is_refused_at_once(raw: bytes) -> None:
    started = time.monotonic()

    with pytest.raises(MalformedJson):
        parse(raw)

    assert time.monotonic() - started < 0.5

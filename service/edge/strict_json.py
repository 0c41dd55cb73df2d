"""Reads JSON strictly (API 1; RFC 7493): what two readers could read differently is refused.

The fast path is the standard library's scanner with hooks. Only when it finds a fault is
the text read again, token by token, to say where.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from service.edge.refusals import MalformedJson

DEPTH = 32
MOST_NAMES = 1000  # of one object: each unknown one would be told in the answer
_LEAST, _MOST = -(2**63), 2**63 - 1
_LONG = 18
_TOKEN = re.compile(
    r'[ \t\n\r]*(?:(?P<text>"(?:[^"\\\x00-\x1f]|\\.)*")|(?P<mark>[\[\]{},:])'
    r"|(?P<word>[^\s\[\]{},:\"]+))"
)
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


class _Fault(ValueError):
    """Something the scanner does not mind and we do."""


def parse(raw: bytes) -> Any:
    """Return the value. Raises MalformedJson with line and column."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        _refuse(raw[: exc.start].decode("utf-8", "replace"), exc.start, "not UTF-8")
    try:
        value = _READER.decode(text)
        _check(value, escaped="\\u" in text)
    except json.JSONDecodeError as exc:
        raise MalformedJson(exc.lineno, exc.colno, exc.msg) from None
    except (_Fault, RecursionError) as exc:
        _refuse(text, *_locate(text, str(exc)))
    return value


def _refuse(text: str, at: int, reason: str) -> NoReturn:
    before = text[:at]
    line = before.count("\n") + 1
    column = at - (before.rfind("\n") + 1) + 1
    raise MalformedJson(line, column, reason) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Fault("duplicate name")
    if len(found) > MOST_NAMES:
        raise _Fault("too many names")
    return found


def _whole(digits: str) -> int:
    if len(digits) <= _LONG:
        return int(digits)
    if len(digits) > _LONG + 2 or not _LEAST <= int(digits) <= _MOST:
        raise _Fault("integer beyond 64 bits")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _Fault("number beyond range")
    return value


def _constant(name: str) -> NoReturn:
    raise _Fault(f"{name} is not JSON")


_READER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_number, parse_constant=_constant
)


def _check(value: Any, *, escaped: bool) -> None:
    """Walk the value level by level: depth, and what escapes may smuggle into text."""
    level = [value]
    for _ in range(DEPTH + 1):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
                if escaped:
                    _texts(item)
            elif isinstance(item, list):
                inner += item
            elif escaped and isinstance(item, str):
                _texts((item,))
        if not inner and not any(isinstance(item, (dict, list)) for item in level):
            return
        level = inner
    raise _Fault("nested too deeply")


def _texts(texts: Any) -> None:
    for text in texts:
        if _FORBIDDEN.search(text):
            raise _Fault("forbidden character")


def _locate(text: str, reason: str) -> tuple[int, str]:
    """Return where the fault lies; the end of the text when it shows nowhere."""
    nest = _Nest()
    for kind, piece, at in _tokens(text):
        fault = _fault_in(kind, piece) or nest.take(kind, piece)
        if fault:
            return at, fault
    return len(text), reason


class _Nest:
    """The objects (with their names so far) and lists around a token."""

    def __init__(self) -> None:
        self._around: list[set[str] | None] = []
        self._name_next = False

    def take(self, kind: str, piece: str) -> str | None:
        """Return the fault that the token brings, if any."""
        names = self._around[-1] if self._around else None
        if kind == "text" and self._name_next and names is not None:
            name = json.loads(piece)
            if name in names:
                return "duplicate name"
            names.add(name)
            if len(names) > MOST_NAMES:
                return "too many names"
        if kind == "mark" and piece in "[{":
            self._around.append(set() if piece == "{" else None)
        elif kind == "mark" and piece in "]}" and self._around:
            self._around.pop()
        self._name_next = kind == "mark" and piece in "{,"
        return "nested too deeply" if len(self._around) > DEPTH else None


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while match := _TOKEN.match(text, at):
        kind = match.lastgroup or ""
        yield kind, match[kind], match.start(kind)
        at = match.end()


def _fault_in(kind: str, token: str) -> str | None:
    if kind == "text" and "\\u" in token:
        return "forbidden character" if _FORBIDDEN.search(json.loads(token)) else None
    if kind == "word":
        try:
            _READER.decode(token)
        except (_Fault, json.JSONDecodeError) as exc:
            return str(exc)
    return None

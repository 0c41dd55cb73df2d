"""Words for people, by stable code, in three languages (`messages/<language>/*.toml`)."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from service.core.workflow import family_of, number_of

LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
DEFAULT: Final = "zh-Hans"


def text(code: str, lang: str, **params: object) -> str:
    """Return the words for a code such as `state.repair_order.assigned`.

    An unknown code is returned as it is, an unknown language reads as the default:
    a missing translation must never break an answer.
    """
    words = catalogue(lang if lang in LANGUAGES else DEFAULT).get(code, code)
    return words.format_map(params) if params else words


def clock_label(clock: str, lang: str) -> str:
    """Return the name of a clock; a numbered one has that of its family and its number."""
    words, number = text(f"clock.{family_of(clock)}", lang), number_of(clock)
    return words if number is None else f"{words} {number}"


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Return every code with its words in one language."""
    folder = resources.files("service.core").joinpath("messages", lang)
    files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return {
        code: words
        for file in sorted(files, key=lambda file: file.name)
        for code, words in _flat(tomllib.loads(file.read_text(encoding="utf-8")), "")
    }


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value

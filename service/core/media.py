"""What an attachment may be, and whether bytes are what they claim (API 8)."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Final

import puremagic

_OOXML = "application/vnd.openxmlformats-officedocument"
DOCX: Final = f"{_OOXML}.wordprocessingml.document"
XLSX: Final = f"{_OOXML}.spreadsheetml.sheet"

EXTENSIONS: Final[Mapping[str, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
    "audio/mp4": "m4a",
    "audio/webm": "weba",
    DOCX: "docx",
    XLSX: "xlsx",
}
"""Permitted types with the ending of their file names."""

_OTHER_NAMES = {"audio/x-m4a": "audio/mp4", "audio/m4a": "audio/mp4", "image/heif": "image/heic"}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_M4A = frozenset({b"M4A ", b"M4B ", b"mp42", b"isom", b"iso2", b"iso5", b"iso6", b"dash"})
_LIVELY_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia)\b")


def permitted(declared: str) -> str | None:
    """Return the permitted type that a Content-Type names, or None."""
    bare = declared.partition(";")[0].strip().lower()
    bare = _OTHER_NAMES.get(bare, bare)
    return bare if bare in EXTENSIONS else None


def is_image(media_type: str) -> bool:
    """Tell whether a copy without position data is shown in place of the original."""
    return media_type.startswith("image/")


def matches(media_type: str, content: bytes) -> bool:
    """Tell whether the bytes are what a permitted type says.

    A PDF that runs something is refused, and so is an office file with macros: neither
    can be re-encoded.
    """
    return _CHECKS[media_type](content)


def _magic(media_type: str) -> Callable[[bytes], bool]:
    def check(content: bytes) -> bool:
        try:
            found = puremagic.magic_string(content[:4096])
        except (puremagic.PureError, ValueError):
            return False
        return any(match.mime_type == media_type for match in found)

    return check


def _brand(brands: frozenset[bytes]) -> Callable[[bytes], bool]:
    """Return a check for ISO base media files, whose first box names their brands."""

    def check(content: bytes) -> bool:
        size = int.from_bytes(content[:4], "big")
        if content[4:8] != b"ftyp" or not 16 <= size <= 256:
            return False
        named = {content[at : at + 4] for at in (8, *range(16, size, 4))}
        return not brands.isdisjoint(named)

    return check


def _office(folder: str) -> Callable[[bytes], bool]:
    def check(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False
        macros = any(name.lower().endswith(("vbaproject.bin", ".exe")) for name in names)
        inside = any(name.startswith(folder) for name in names)
        return "[Content_Types].xml" in names and inside and not macros

    return check


def _quiet_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and _LIVELY_PDF.search(content) is None


_webm = _magic("video/webm")


def _is_webm(content: bytes) -> bool:
    return b"webm" in content[:64] and _webm(content)


_CHECKS: Mapping[str, Callable[[bytes], bool]] = {
    "image/jpeg": _magic("image/jpeg"),
    "image/png": _magic("image/png"),
    "image/webp": _magic("image/webp"),
    "image/heic": _brand(_HEIC),
    "application/pdf": _quiet_pdf,
    "audio/mp4": _brand(_M4A),
    "audio/webm": _is_webm,
    DOCX: _office("word/"),
    XLSX: _office("xl/"),
}

"""Blanks what a HEIC file says beside its picture: EXIF and XMP, the position among them.

A HEIC file lists its items (`iinf`) and where their bytes lie (`iloc`, ISO/IEC 14496-12).
The bytes of the metadata items are overwritten with zeros; lengths and places stay.

The picture itself is not decoded: the decoders there are (libheif 1.23 was tried) can be made
to crash by a damaged file, and with them the process that serves everybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

_METADATA = (b"Exif", b"mime")


@dataclass(slots=True)
class _Bytes:
    """A cursor over big-endian fields."""

    content: bytes
    at: int

    def number(self, size: int) -> int:
        """Return the next unsigned number of `size` bytes; of none, 0."""
        if self.at + size > len(self.content):
            raise ValueError("cut short")
        self.at += size
        return int.from_bytes(self.content[self.at - size : self.at], "big")

    def word(self) -> bytes:
        """Return the next four characters."""
        self.at += 4
        return self.content[self.at - 4 : self.at]


@dataclass(slots=True)
class _Items:
    kinds: dict[int, bytes] = field(default_factory=dict)
    extents: dict[int, list[tuple[int, int]]] = field(default_factory=dict)


def without_metadata(content: bytes) -> bytes:
    """Return the file with its metadata items blanked. Raises ValueError if unreadable."""
    found = _Items()
    for kind, start, end in _boxes(content, 0, len(content)):
        if kind == b"meta":
            _read(content, start + 4, end, found)
    if not found.kinds:
        raise ValueError("no items")
    blanked = bytearray(content)
    for item, kind in found.kinds.items():
        if kind not in _METADATA:
            continue
        for offset, length in found.extents.get(item, [(len(content), 1)]):
            if offset + length > len(content):
                raise ValueError("points outside")
            blanked[offset : offset + length] = bytes(length)
    return bytes(blanked)


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, begin and end of the payload of each box."""
    while start + 8 <= end:
        cursor = _Bytes(content, start)
        size, kind = cursor.number(4), cursor.word()
        if size == 1:
            size = cursor.number(8)
        elif size == 0:
            size = end - start
        if size < cursor.at - start or start + size > end:
            raise ValueError("broken box")
        yield kind, cursor.at, start + size
        start += size


def _read(content: bytes, start: int, end: int, found: _Items) -> None:
    for kind, first, last in _boxes(content, start, end):
        if kind == b"iinf":
            _kinds(content, first, last, found)
        elif kind == b"iloc":
            _extents(content, first, found)


def _kinds(content: bytes, start: int, end: int, found: _Items) -> None:
    cursor = _Bytes(content, start)
    wide = cursor.number(4) >> 24 > 0
    cursor.number(4 if wide else 2)
    for kind, first, _ in _boxes(content, cursor.at, end):
        if kind != b"infe":
            continue
        entry = _Bytes(content, first)
        version = entry.number(4) >> 24
        item = entry.number(2 if version == 2 else 4)
        entry.number(2)
        found.kinds[item] = entry.word()


def _extents(content: bytes, start: int, found: _Items) -> None:
    cursor = _Bytes(content, start)
    version = cursor.number(4) >> 24
    sizes = cursor.number(2)
    offset_size, length_size = sizes >> 12 & 15, sizes >> 8 & 15
    base_size, index_size = sizes >> 4 & 15, sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    for _ in range(cursor.number(wide)):
        item = cursor.number(wide)
        elsewhere = version > 0 and cursor.number(2) & 15 != 0
        reference = cursor.number(2)
        base = cursor.number(base_size)
        extents = []
        for _ in range(cursor.number(2)):
            cursor.number(index_size)
            extents.append((base + cursor.number(offset_size), cursor.number(length_size)))
        # Bytes in another file or box cannot be blanked here: such metadata refuses the file.
        found.extents[item] = [(len(content), 1)] if elsewhere or reference else extents

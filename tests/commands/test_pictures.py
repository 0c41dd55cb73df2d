"""Copies of pictures: small enough, upright, and with nothing but their pixels."""

import io

import pytest
from PIL import Image

from service.commands.heic import without_metadata
from service.commands.pictures import FULL, THUMB, Bomb, Unreadable, copies


def picture(fmt: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **save: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 120 if mode in ("L", "P") else None).save(out, fmt, **save)
    return out.getvalue()


def shown(content: tuple[str, bytes]) -> Image.Image:
    return Image.open(io.BytesIO(content[1]))


@pytest.mark.parametrize(
    ("media_type", "fmt"), [("image/jpeg", "JPEG"), ("image/png", "PNG"), ("image/webp", "WEBP")]
)
def test_each_kind_stays_what_it_is_and_gets_a_preview(media_type: str, fmt: str) -> None:
    made = copies(media_type, picture(fmt, (4000, 3000)))

    assert made["full"][0] == media_type
    assert shown(made["full"]).format == fmt
    assert max(shown(made["full"]).size) <= FULL[0]
    assert (made["thumb"][0], shown(made["thumb"]).size) == ("image/jpeg", (THUMB[0], 240))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_every_mode_of_png_is_understood(mode: str) -> None:
    made = copies("image/png", picture("PNG", mode=mode))

    assert shown(made["full"]).size == (40, 20)


def test_what_is_no_picture_has_no_copies() -> None:
    assert copies("application/pdf", b"%PDF-1.4") == {}


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", picture("PNG"), picture("JPEG")[:200]])
def test_a_broken_picture_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        copies("image/jpeg", content)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("media_type", "fmt", "size"),
    [
        ("image/png", "PNG", (4001, 4000)),
        ("image/webp", "WEBP", (4001, 4000)),
        ("image/jpeg", "JPEG", (10_000, 6001)),
    ],
)
def test_more_pixels_than_permitted_are_a_bomb(
    media_type: str, fmt: str, size: tuple[int, int]
) -> None:
    with pytest.raises(Bomb):
        copies(media_type, picture(fmt, size))


@pytest.mark.attack
def test_a_progressive_jpeg_may_have_fewer_pixels() -> None:
    with pytest.raises(Bomb):
        copies("image/jpeg", picture("JPEG", (4001, 4000), progressive=True))


def box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def heic(exif: bytes, *, outside: bool = False) -> bytes:
    """Return the skeleton of a HEIC file with one picture item and one Exif item."""

    def entry(item: int, kind: bytes) -> bytes:
        body = b"\x02\0\0\0" + item.to_bytes(2, "big") + b"\0\0" + kind + b"\0"
        return box(b"infe", body)

    def place(item: int, offset: int, length: int) -> bytes:
        reference = (1 if outside and item == 2 else 0).to_bytes(2, "big")
        extent = offset.to_bytes(4, "big") + length.to_bytes(4, "big")
        return item.to_bytes(2, "big") + reference + b"\0\1" + extent

    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    pixels = b"PIXELS"

    def meta(start: int) -> bytes:
        places = place(1, start, len(pixels)) + place(2, start + len(pixels), len(exif))
        iinf = box(b"iinf", b"\0\0\0\0\0\2" + entry(1, b"hvc1") + entry(2, b"Exif"))
        iloc = box(b"iloc", b"\0\0\0\0\x44\0\0\2" + places)
        return box(b"meta", b"\0\0\0\0" + iinf + iloc)

    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", pixels + exif)


def test_a_heic_copy_keeps_its_pixels_and_loses_its_position() -> None:
    content = heic(b"Exif\0\0GPS 30.65 104.08")

    copy = copies("image/heic", content)["full"][1]

    assert len(copy) == len(content)
    assert b"PIXELS" in copy
    assert b"GPS" not in copy


@pytest.mark.attack
@pytest.mark.parametrize(
    "content",
    [
        heic(b"Exif", outside=True),
        heic(b"Exif")[:60],
        box(b"ftyp", b"heic\0\0\0\0"),
        heic(b"Exif")[:-6],
        b"\0\0\0\x08meta",
    ],
)
def test_a_heic_whose_data_cannot_be_blanked_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        without_metadata(content)
    with pytest.raises(Unreadable):
        copies("image/heic", content)

import io
import zipfile

import pytest
from PIL import Image

from service.core.media import DOCX, EXTENSIONS, XLSX, is_image, matches, permitted


def picture(form):
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, form)
    return out.getvalue()


def office(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def boxed(brand, *compatible):
    body = brand + b"\x00\x00\x00\x00" + b"".join(compatible)
    return (8 + len(body)).to_bytes(4, "big") + b"ftyp" + body + b"\x00" * 32


GOOD = [
    ("image/jpeg", picture("JPEG")),
    ("image/png", picture("PNG")),
    ("image/webp", picture("WEBP")),
    ("image/heic", boxed(b"heic", b"mif1")),
    ("image/heic", boxed(b"xxxx", b"heix")),
    ("application/pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>"),
    ("audio/mp4", boxed(b"M4A ", b"isom")),
    (DOCX, office("[Content_Types].xml", "word/document.xml")),
    (XLSX, office("[Content_Types].xml", "xl/workbook.xml")),
]
BAD = [
    ("image/jpeg", picture("PNG")),
    ("image/jpeg", b""),
    ("image/png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ("image/heic", boxed(b"M4A ")),
    ("image/heic", b"\x00\x00\x00\x08ftyp"),
    ("application/pdf", b"%PDF-1.7\n/JavaScript (app.alert(1))"),
    ("application/pdf", b"no pdf"),
    ("audio/webm", b"nothing"),
    (DOCX, office("[Content_Types].xml", "xl/workbook.xml")),
    (DOCX, office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
    (DOCX, b"PK but no archive"),
]


@pytest.mark.parametrize(("media_type", "content"), GOOD)
def test_content_is_what_it_says(media_type, content):
    assert matches(media_type, content)


@pytest.mark.parametrize(("media_type", "content"), BAD)
def test_content_that_is_something_else_is_refused(media_type, content):
    assert not matches(media_type, content)


@pytest.mark.parametrize(
    ("declared", "meant"),
    [
        ("image/JPEG; q=1", "image/jpeg"),
        ("audio/x-m4a", "audio/mp4"),
        ("image/heif", "image/heic"),
        ("image/svg+xml", None),
        ("text/html", None),
    ],
)
def test_what_may_be_attached(declared, meant):
    assert permitted(declared) == meant


def test_only_pictures_are_shown_without_their_position():
    assert {t for t in EXTENSIONS if is_image(t)} == {
        "image/jpeg", "image/png", "image/webp", "image/heic",
    }  # fmt: skip

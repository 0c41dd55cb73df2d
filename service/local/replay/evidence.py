"""The note that stands where the rules demand a photo: it shows nothing but that there is none."""

import hashlib
import io
from functools import cache

from PIL import Image, ImageDraw

MEDIA_TYPE = "image/png"
_TEXT = "REPLAY: no photo in source"


@cache
def note_png() -> bytes:
    """Return a small picture of the words; the same bytes every time."""
    picture = Image.new("RGB", (480, 120), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((2, 2, 477, 117), outline="black", width=2)
    pen.text((24, 48), _TEXT, fill="black", font_size=24)
    out = io.BytesIO()
    picture.save(out, format="PNG", optimize=True)
    return out.getvalue()


def digest() -> bytes:
    """Return the SHA-256 of the note."""
    return hashlib.sha256(note_png()).digest()

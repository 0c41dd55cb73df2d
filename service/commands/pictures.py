"""Copies of photos for showing: upright, re-encoded, without position or any other data.

The header tells the size before anything is unpacked, so a bomb is refused unopened. A
large JPEG is decoded at a fraction of its size; its full pixels never lie in memory.
"""

import io
from collections.abc import Mapping

from PIL import Image, ImageOps

from service.commands.heic import without_metadata
from service.core.media import is_image

FULL, THUMB = (2560, 2560), (320, 320)
_MOST_PIXELS = {"image/jpeg": 60_000_000, "image/png": 16_000_000, "image/webp": 16_000_000}
_MOST_PROGRESSIVE = 16_000_000  # all of its coefficients are held at once
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class Unreadable(Exception):
    """The picture cannot be decoded."""


class Bomb(Exception):
    """The picture unpacks to more than is permitted."""


def copies(media_type: str, content: bytes) -> Mapping[str, tuple[str, bytes]]:
    """Return the copies to show, by size; of what is no picture, none.

    Raises Unreadable, Bomb.
    """
    if not is_image(media_type):
        return {}
    if media_type not in _FORMATS:
        # No decoder for HEIC ships with us: the copy is the file with its metadata blanked.
        try:
            return {"full": (media_type, without_metadata(content))}
        except ValueError as exc:
            raise Unreadable from exc
    try:
        return _decoded(media_type, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise Bomb from exc
    except (OSError, ValueError, SyntaxError, ArithmeticError, IndexError) as exc:
        raise Unreadable from exc


def _decoded(media_type: str, content: bytes) -> Mapping[str, tuple[str, bytes]]:
    with Image.open(io.BytesIO(content), formats=[_FORMATS[media_type]]) as opened:
        width, height = opened.size
        most = _MOST_PIXELS[media_type]
        if opened.info.get("progressive"):
            most = _MOST_PROGRESSIVE
        if width * height > most:
            raise Bomb
        opened.draft("RGB", FULL)
        upright = ImageOps.exif_transpose(opened)
    upright.thumbnail(FULL)
    full = _encoded(upright, media_type)
    upright.thumbnail(THUMB)
    return {"full": (media_type, full), "thumb": ("image/jpeg", _encoded(upright, "image/jpeg"))}


def _encoded(picture: Image.Image, media_type: str) -> bytes:
    """Return the pixels anew: nothing of the file but them is carried over."""
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if media_type == "image/jpeg" and clear:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    keeps_alpha = media_type != "image/jpeg" and clear
    pixels = picture.convert("RGBA" if keeps_alpha else "RGB")
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels)
    out = io.BytesIO()
    if media_type == "image/png":
        bare.save(out, "PNG")
    else:
        bare.save(out, _FORMATS[media_type], quality=82)
    return out.getvalue()

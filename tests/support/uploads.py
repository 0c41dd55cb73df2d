"""Pictures as cameras make them, and their way over the API."""

import base64
import hashlib
import io
from typing import Any
from uuid import uuid4

from PIL import Image
from werkzeug.test import TestResponse

from tests.support.http import Http

GPS = 0x8825


def photo(fmt: str = "JPEG", size: tuple[int, int] = (60, 40), *, exif: bool = True) -> bytes:
    """Return a picture lying on its side that knows where it was taken."""
    out = io.BytesIO()
    picture = Image.new("RGB", size, "#3a7")
    kept = Image.Exif()
    if exif:
        kept[0x0112] = 6  # turned by 90 degrees
        kept[0x010F] = "SECRET-CAMERA"
        kept.get_ifd(GPS)[1] = "N"
    picture.save(out, fmt, exif=kept)
    return out.getvalue()


def put(http: Http, content: bytes, who: str | None = "crew", **wants: Any) -> TestResponse:
    """Upload bytes. `at` is another door, `whole` what a `part` (a Content-Range) is of."""
    ident = wants.get("id") or uuid4()
    digest = wants.get("digest") or hashlib.sha256(wants.get("whole", content)).digest()
    headers = {
        "Content-Type": wants.get("type", "image/jpeg"),
        "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
    }
    if "part" in wants:
        headers["Content-Range"] = wants["part"]
    door = f"{wants.get('at', '/v1/attachments')}/{ident}"
    return http.call("PUT", door, who, data=content, headers=headers)

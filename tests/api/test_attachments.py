"""Uploads whole and in parts, and what is served of them (API 8; PROOF A14, A15, A20)."""

import io
import zipfile
from uuid import uuid4

import pytest
from PIL import Image

from service.api.attachments import MOST_BYTES
from tests.support.http import Http
from tests.support.uploads import photo, put


def test_a_photo_is_shown_upright_and_without_its_data(http: Http) -> None:
    answer = put(http, photo())
    assert answer.status_code == 201, answer.text

    shown = http.get(answer.headers["Location"], "crew")
    thumb = http.get(answer.headers["Location"] + "?size=thumb", "crew")

    picture = Image.open(io.BytesIO(shown.data))
    assert picture.size == (40, 60)
    assert not dict(picture.getexif())
    assert b"SECRET-CAMERA" not in shown.data + thumb.data
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"].startswith("attachment; filename=")
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_an_upload_goes_on_where_it_stopped(http: Http) -> None:
    whole, ident = photo(size=(300, 200)), uuid4()
    total, cut = len(whole), len(whole) // 2
    path = f"/v1/attachments/{ident}"

    first = put(http, whole[:cut], id=ident, whole=whole, part=f"bytes 0-{cut - 1}/{total}")
    gap = put(
        http, whole[-5:], id=ident, whole=whole, part=f"bytes {total - 5}-{total - 1}/{total}"
    )
    head = http.call("HEAD", path, "crew")
    hidden = http.call("HEAD", path, "other_dispatcher")
    unfinished = http.get(path, "crew")
    last = put(http, whole[cut:], id=ident, whole=whole, part=f"bytes {cut}-{total - 1}/{total}")

    assert (first.status_code, first.get_json()["received"]) == (202, cut)
    assert (gap.status_code, gap.get_json()["received"]) == (416, cut)
    assert head.headers["Upload-Offset"] == str(cut)
    assert (hidden.status_code, unfinished.status_code) == (404, 404)
    assert last.status_code == 201, last.text
    assert http.get(path, "crew").status_code == 200


def test_the_same_again_is_the_same_and_other_bytes_are_refused(http: Http) -> None:
    ident, content = uuid4(), photo()

    first, again = put(http, content, id=ident), put(http, content, id=ident)
    other = put(http, photo(size=(9, 9)), id=ident)
    foreign = put(http, content, "resident", id=ident)

    assert (first.status_code, again.status_code) == (201, 200)
    assert (other.status_code, other.get_json()["code"]) == (409, "already-exists")
    assert foreign.status_code == 409


def test_a_wrong_digest_drops_the_bytes(http: Http) -> None:
    ident = uuid4()

    wrong = put(http, photo(), id=ident, digest=bytes(32))

    assert wrong.status_code == 422
    assert wrong.get_json()["errors"][0]["code"] == "digest_mismatch"
    assert http.call("HEAD", f"/v1/attachments/{ident}", "crew").status_code == 404
    assert put(http, photo(), id=ident).status_code == 201


@pytest.mark.attack
@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "image/svg+xml"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/png"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "image/jpeg"),
        (b"<?xml version='1.0'?><a/>", "application/pdf"),
        (b"%PDF-1.4 1 0 obj << /OpenAction << /JavaScript (x) >> >>", "application/pdf"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (b"\xff\xd8\xff\xe0 but no picture", "image/jpeg"),
        (b"GIF89a" + bytes(40), "image/png"),
    ],
)
def test_what_is_not_what_it_says_is_refused(http: Http, content: bytes, claimed: str) -> None:
    ident = uuid4()

    answer = put(http, content, id=ident, type=claimed)

    assert answer.status_code == 415, answer.text
    assert http.call("HEAD", f"/v1/attachments/{ident}", "crew").status_code == 404


@pytest.mark.attack
def test_a_picture_that_unpacks_to_too_much_is_refused_unopened(http: Http) -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")

    assert put(http, out.getvalue(), type="image/png").status_code == 413


@pytest.mark.attack
def test_a_polyglot_loses_what_hides_behind_the_picture(http: Http) -> None:
    answer = put(http, photo() + b"<script>alert(1)</script>")

    assert b"<script>" not in http.get(answer.headers["Location"], "crew").data


@pytest.mark.attack
def test_too_many_bytes_are_refused_even_by_a_lying_length(http: Http) -> None:
    declared = put(http, b"x" * 10, whole=b"", part=f"bytes 0-9/{21 << 20}")
    lying = put(http, b"x" * 10, part="bytes 0-4/10")
    large = put(http, bytes((20 << 20) + 1))

    assert (declared.status_code, large.status_code) == (413, 413)
    assert lying.status_code == 422


def test_office_files_and_quiet_pdfs_are_kept_as_they_are(http: Http) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    word = put(http, out.getvalue(), type=docx)
    pdf = put(http, b"%PDF-1.4\n1 0 obj << >> endobj", type="application/pdf")

    assert http.get(word.headers["Location"], "crew").data == out.getvalue()
    assert http.get(pdf.headers["Location"], "crew").content_type == "application/pdf"
    assert http.get(pdf.headers["Location"] + "?size=thumb", "crew").status_code == 404
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert put(http, out.getvalue(), type=sheet).status_code == 415


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("bytes=0-3", (0, 4)), ("bytes=10-", (10, None)), ("bytes=-4", (-4, None))],
)
def test_a_range_is_served_as_a_part(
    http: Http, asked: str, expected: tuple[int, int | None]
) -> None:
    content = b"%PDF-1.4\n" + bytes(range(48, 90))
    path = put(http, content, type="application/pdf").headers["Location"]

    answer = http.get(path, "crew", headers={"Range": asked})
    beyond = http.get(path, "crew", headers={"Range": "bytes=9999-"})

    assert answer.status_code == 206
    assert answer.data == content[slice(*expected)]
    assert answer.headers["Content-Range"].endswith(f"/{len(content)}")
    assert beyond.status_code == 416


@pytest.mark.attack
def test_a_file_is_seen_only_beside_a_visible_ticket(http: Http) -> None:
    path = put(http, photo(), "dispatcher").headers["Location"]
    before = http.get(path, "manager")
    http.open(attachments=[path.rpartition("/")[2]])

    assert before.status_code == 404
    assert http.get(path, "manager").status_code == 200
    assert http.get(path, "resident").status_code == 200
    foreign = http.get(path, "other_dispatcher")
    assert foreign.status_code == 404
    assert foreign.data == http.get(f"/v1/attachments/{uuid4()}", "other_dispatcher").data


def test_an_event_may_not_name_a_file_that_is_unfinished_or_not_mine(http: Http) -> None:
    whole, ident = photo(), uuid4()
    put(http, whole[:50], "dispatcher", id=ident, whole=whole, part=f"bytes 0-49/{len(whole)}")
    mine = put(http, photo(), "crew").headers["Location"].rpartition("/")[2]

    for file in (str(ident), mine, str(uuid4())):
        body = {
            "place": "h-2-101", "category": "water_leak", "title": "漏水", "description": "x",
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
            "facts": {"origin": "customer"}, "attachments": [file],
        }  # fmt: skip
        answer = http.post("/v1/repair-orders", body)
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["code"] == "attachment_missing"


def test_work_is_not_complete_with_pictures_that_are_not_there(http: Http) -> None:
    http.story.until("in_progress")
    ticket, ident, whole = {"id": http.story.order}, uuid4(), photo()
    put(http, whole[:50], "crew", id=ident, whole=whole, part=f"bytes 0-49/{len(whole)}")
    foreign = put(http, photo(), "dispatcher").headers["Location"].rpartition("/")[2]

    for file in (str(ident), foreign, str(uuid4())):
        data = http.story.data("complete_work", "crew") | {"photos_before": [file]}
        refused = http.fire(ticket, "complete_work", "crew", data)
        assert refused.status_code == 422, refused.text
        faults = [(e["pointer"], e["code"]) for e in refused.get_json()["errors"]]
        assert faults == [("/data/photos_before/0", "attachment_missing")]
    assert http.fire(ticket, "complete_work", "crew").status_code == 201


def test_a_range_beyond_the_end_is_told_the_size(http: Http) -> None:
    where = put(http, photo()).headers["Location"]
    size = len(http.get(where, "crew").data)

    refused = http.get(where, "crew", headers={"Range": f"bytes={size}-"})

    assert refused.status_code == 416
    assert refused.headers["Content-Range"] == f"bytes */{size}"
    assert refused.get_json()["received"] == size


def test_what_is_too_large_is_read_to_its_end_so_that_the_client_hears_why(http: Http) -> None:
    sent = io.BytesIO(bytes(MOST_BYTES + 1))

    refused = http.call(
        "PUT", f"/v1/attachments/{uuid4()}", "crew", input_stream=sent,
        content_length=MOST_BYTES + 1, content_type="image/jpeg",
    )  # fmt: skip

    assert (refused.status_code, refused.get_json()["limit"]) == (413, MOST_BYTES)
    assert sent.tell() == MOST_BYTES + 1


@pytest.mark.parametrize("ident", ["x", "..%2f..%2fetc", "00000000-0000-1000-8000-000000000000"])
def test_only_a_client_minted_uuid_is_an_id(http: Http, ident: str) -> None:
    assert put(http, photo(), id=ident).status_code == 404

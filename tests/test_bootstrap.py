import json

import pytest
import structlog

from service import bootstrap


@pytest.fixture(autouse=True)
def _as_before():
    yield
    structlog.reset_defaults()


def test_a_logged_failure_shows_where_and_never_what(capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.configure_logging("info")
    phone = "13800000001"
    try:
        int(f"Key (phone)=({phone}) already exists")
    except ValueError:
        structlog.get_logger().exception("delivery_fault", delivery="d-1")

    written = capsys.readouterr().err
    assert phone not in written
    line = json.loads(written)
    assert (line["event"], line["error"]) == ("delivery_fault", "ValueError")
    assert "test_bootstrap.py" in line["trace"][0]

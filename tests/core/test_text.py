import pytest

from service.core.text import fold


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("廚房水管漏水", "厨房水管漏水"),
        ("ＲＯ－２０２６", "ro-2026"),
        ("社群檔案", "社区文件"),
        ("首按責任制", "首接责任制"),
    ],
)
def test_two_ways_of_writing_find_each_other(written, sought):
    assert fold(written) == fold(sought)

"""Folds text for searching: Simplified and Traditional, wide and narrow find each other."""

import unicodedata
from functools import cache

from opencc import OpenCC

# 003 was machine-converted and swaps words; DOMAIN "Normalising the traditional text".
_SWAPPED = {
    "社群": "社区",
    "专案": "项目",
    "装置": "设备",
    "资讯": "信息",
    "程式": "程序",
    "档案": "文件",
    "到达": "达到",
    "职责": "责任",
    "礼貌": "文明",
    "登出": "注销",
    "消号": "销号",
    "首按责任制": "首接责任制",
    "推荐": "建议",
    "带给": "提供",
    "选取": "选择",
    "台帐": "台账",
    "檯账": "台账",
}


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def fold(text: str) -> str:
    """Return lower-case simplified text with compatibility forms and swapped words undone."""
    folded: str = _converter().convert(unicodedata.normalize("NFKC", text)).lower()
    for swapped, meant in _SWAPPED.items():
        if swapped in folded:
            folded = folded.replace(swapped, meant)
    return folded

"""Names, phones and words of an invented district; every choice comes from the given Random."""

from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹"
    "彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚"
)
_GIVEN = (
    "伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛",
    "明", "超", "秀兰", "霞", "平", "刚", "桂英", "建国", "建华", "志强", "玉兰", "文博", "雨桐",
    "子涵", "浩然", "欣怡", "嘉豪", "思远", "晓燕", "春梅", "德明", "光辉", "红梅", "国庆", "海燕",
    "家兴", "金凤", "立新", "美玲", "培根", "庆生", "瑞雪", "世昌", "天佑", "万里", "晓东", "永康",
)  # fmt: skip
_PHONE_STARTS = ("133", "135", "136", "137", "138", "139", "150", "158", "159", "180", "186", "189")
# Old names are compounds nobody manages; new ones have a company and a committee.
OLD_COMPOUNDS = (
    "红星纺织厂宿舍", "机床厂家属院", "东风路老院", "水碾河旧居", "铁路新村", "造纸厂宿舍",
    "光明巷院落", "老粮站宿舍",
)  # fmt: skip
NEW_COMPOUNDS = (
    "荷花苑", "锦绣花园", "翠湖名邸", "阳光家园", "望江雅居", "金桂园", "书香门第", "清水湾",
    "丽景华庭", "梧桐里", "天府嘉苑", "安居小区", "东湖印象", "银杏苑", "春晓新居", "听涛园",
    "和顺家园", "芙蓉里", "松竹苑", "云岭华府",
)  # fmt: skip


def person(rng: Random) -> str:
    """Return a full name."""
    return rng.choice(SURNAMES) + rng.choice(_GIVEN)


def master(rng: Random) -> str:
    """Return how a craftsman is called: 王师傅."""
    return rng.choice(SURNAMES) + "师傅"


def mobile(rng: Random) -> str:
    """Return a mobile number: the form is real, the number is made up."""
    return rng.choice(_PHONE_STARTS) + f"{rng.randrange(10**8):08d}"


def landline(rng: Random) -> str:
    """Return a landline number of the district."""
    return f"028-8{rng.randrange(10**7):07d}"

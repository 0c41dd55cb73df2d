"""What residents of the demo world report: words by category, as people really say them."""

from collections.abc import Mapping
from typing import Final

# Per category: title and description.
WORDS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "water_supply": (
        ("家里停水了", "早上起来就没水，邻居家有水"),
        ("水压太小，热水器打不着", "六楼水压一直很小，晚上更明显"),
    ),
    "water_leak": (
        ("厨房水管漏水", "水槽下面一直滴水，地柜都泡了"),
        ("卫生间渗水到楼下", "楼下邻居说天花板在滴水"),
        ("阳台水管接头漏水", "接头处喷水，已经用毛巾包住"),
    ),
    "burst_pipe": (
        ("楼道水管爆了", "水从三楼流到一楼，楼梯全是水"),
        ("地下室管道爆裂", "水已经没过脚面，电表箱在旁边"),
    ),
    "drain": (
        ("厨房下水道堵塞", "水下不去，反味很大"),
        ("一楼污水返流", "楼上一用水，一楼地漏就往外冒"),
    ),
    "septic": (("化粪池满溢", "院子里污水外溢，味道很大"),),
    "toilet": (("马桶冲水阀坏了", "一直流水关不住"), ("马桶堵了", "疏通了几次没用")),
    "tap_basin": (("水龙头拧不紧", "滴水，关紧了也滴"), ("洗手池松动", "池子快掉下来了")),
    "power_loss": (
        ("家里突然没电", "空气开关一合就跳"),
        ("整个单元停电", "电梯也停了，有老人下不来楼"),
    ),
    "circuit": (
        ("插座冒火花", "插上电饭煲就打火，不敢用了"),
        ("灯线裸露", "配电箱门开着，线露在外面"),
    ),
    "public_lighting": (
        ("楼道灯不亮", "三楼到五楼的灯都不亮，老人上下楼危险"),
        ("院内路灯坏了两盏", "晚上黑漆漆的，看不见台阶"),
    ),
    "gas": (("闻到煤气味", "厨房有煤气味，已经开窗关阀"),),
    "heating": (("暖气不热", "客厅暖气片一半凉的"),),
    "lift": (("电梯停运", "一号电梯停在七楼不动"), ("电梯异响抖动", "上下时咯噔响，不敢坐")),
    "door_lock": (("单元门锁坏了", "门禁打不开也关不上"), ("入户门锁打不开", "钥匙断在锁芯里")),
    "window": (
        ("窗户关不严", "下雨往里灌"),
        ("楼道窗玻璃碎了", "玻璃碴子在窗台上"),
    ),
    "wall_leak": (("外墙渗水", "一下雨卧室墙就湿一大片"),),
    "roof": (("楼顶漏雨", "顶楼卧室天花板往下滴水"),),
    "paint_plaster": (("楼道墙皮脱落", "掉下来一大块，差点砸到人"),),
    "flooring_stairs": (("楼梯踏步破损", "二楼台阶缺了一块，绊倒过人"),),
    "appliance": (("热水器不点火", "换了电池也打不着"), ("换灯", "吸顶灯不亮，请上门更换")),
    "fire_facility": (("消火栓没有水带", "消防箱里空的"), ("应急灯不亮", "疏散指示灯坏了好几个")),
    "access_control": (("车库道闸抬不起来", "车堵了一排"), ("门禁刷卡没反应", "新卡旧卡都不行")),
    "road_pavement": (("院内路面塌陷", "下雨积水，车底都刮了"),),
    "manhole_cover": (
        ("井盖翘起", "车压上去哐当响，有一半翘着"),
        ("井盖丢失", "路中间一个黑洞"),
    ),
    "greening": (("树枝压到电线", "风一吹就打火花"), ("草坪积水死了一片", "喷灌管可能裂了")),
    "pest": (("楼道有老鼠", "垃圾桶旁边好几只"),),
    "telecom": (("宽带光缆被挖断", "整栋楼断网"),),
    "quality_defect": (("新房墙面空鼓开裂", "交房半年，客厅墙裂了一条缝"),),
    "other": (("晾衣架掉了", "公共晾衣架掉下来一根杆"), ("信箱锁坏", "信箱关不上，信都丢了")),
}
# How often each is reported, for those reported more than once in a blue moon.
OFTEN: Final[Mapping[str, int]] = {
    "water_leak": 12,
    "drain": 9,
    "power_loss": 8,
    "public_lighting": 8,
    "water_supply": 5,
    "door_lock": 6,
    "lift": 6,
    "toilet": 5,
    "tap_basin": 5,
    "circuit": 5,
    "burst_pipe": 4,
    "wall_leak": 3,
    "roof": 3,
    "access_control": 3,
    "window": 3,
    "appliance": 3,
}
# Said of one's own home; everything else is seen on stairs, roofs and yards.
AT_HOME: Final = frozenset(
    {"water_leak", "water_supply", "drain", "toilet", "tap_basin", "power_loss", "circuit"}
    | {"gas", "heating", "window", "appliance", "quality_defect", "telecom"}
)
FINDINGS: Final = (
    "接头老化，需要更换", "管道内有异物堵塞", "线路接触不良", "部件磨损，已无法修复",
    "密封胶老化开裂", "控制板故障", "阀门内芯损坏", "基层松动，局部空鼓",
)  # fmt: skip
REPORTS: Final = (
    "更换损坏部件，试运行正常", "疏通后排水顺畅", "重新接线并测试，恢复供电", "更换接头并试压",
    "局部剔除重做，养护完成", "清理现场，住户验看认可",
)  # fmt: skip
MATERIALS: Final = (
    ("PPR接头", 1500), ("三角阀", 3500), ("空气开关", 4800), ("LED声控灯", 2600), ("密封胶", 1800),
    ("水龙头", 6500), ("锁芯", 8800), ("防水涂料", 12000), ("合页", 900), ("电线(米)", 350),
)  # fmt: skip
CANNOT_FINISH: Final = (
    "需要更换的配件要从厂家调货", "要等雨停才能做防水", "需要协调楼上住户停水",
    "夜间噪声大，改日施工",
)  # fmt: skip
REFUSALS: Final = ("修完还在漏", "灯又不亮了", "只修了一半", "现场没有清理干净")

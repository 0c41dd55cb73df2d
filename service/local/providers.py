"""Draws who repairs in a district: vendors, the contractor pool, crews, the utility directory."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from service.core.catalogue import Catalogue
from service.local import names
from service.local.district import CITY, Draw, Row

DAY_AND_NIGHT = [{"from": "07:00", "to": "19:00"}, {"from": "19:00", "to": "07:00"}]

# Firms of one service line, which serve the whole district.
_SERVICES = (
    ("v-jiejing", "洁净环境保洁有限公司", "cleaning"),
    ("v-mingyang", "明洋清洁服务有限公司", "cleaning"),
    ("v-huwei", "护卫保安服务有限公司", "security"),
    ("v-changan", "长安保安服务有限公司", "security"),
    ("v-lvyuan", "绿源园林养护有限公司", "greening"),
    ("v-yibo", "易泊停车管理有限公司", "parking"),
    ("v-tongxing", "通行停车服务有限公司", "parking"),
    ("v-jiayuan", "佳园物业服务有限公司", "property_service"),
)


def providers(draw: Draw) -> None:
    """Add vendors, crews and utilities. The first crew may do everything at any hour."""
    _vendors(draw)
    _crews(draw)
    _utilities(draw)


def _vendor(draw: Draw, slug: str, name: str, place: Row, **more: Any) -> None:
    prefix = "" if draw.shape is CITY else f"{draw.shape.slug}-"
    row = {
        "id": f"{prefix}{slug}",
        "name": name,
        "place_id": place["id"],
        "place_key": place["path"] + "/",
        "service_lines": ["repair"],
        "body": None,
        "pool_active": False,
        "pool_trades": [],
        "pool_valid_until": None,
        "capacity": 20,
        "listed": "none",
        "market_exit": False,
    }
    draw.rows.vendor.append({**row, **more})


def _vendors(draw: Draw) -> None:
    """Draw companies, the contractor pool and the outside bodies."""
    top = draw.rows.place[0]
    trades = trades_of(draw.catalogue)
    valid = draw.today + timedelta(days=400)
    pool = {"pool_active": True, "pool_trades": trades, "pool_valid_until": valid}
    _vendor(draw, "v-anxin", "安心维修服务有限公司", top, **pool, listed="red")
    for body, name in (
        ("developer", "锦江置业开发有限公司"),
        ("title_unit", "市直管房产管理所"),
        ("authority", "区市政设施管理所"),
    ):
        _vendor(draw, f"v-{body.replace('_', '-')}", name, top, body=body, service_lines=[])
    if draw.shape is not CITY:
        return
    for street in draw.rows.places("street"):
        called = f"{street['name'].removesuffix('街道')}物业服务有限公司"
        lines = ["property_service", "repair"]
        _vendor(draw, f"v-property-{street['id']}", called, street, service_lines=lines)
    contractors: Iterable[tuple[str, str, Row]] = (
        ("v-kuaixiu", "快修应急抢险工程队", {}),
        ("v-jinmao", "锦茂水电安装有限公司", {}),
        ("v-shunda", "顺达管道疏通有限公司", {}),
        ("v-hongyuan", "宏远建筑防水工程有限公司", {"capacity": 3}),
        ("v-lvban", "鲁班维修有限公司", {"listed": "black"}),
        ("v-tongda", "通达机电有限公司", {"pool_valid_until": draw.today - timedelta(days=20)}),
    )
    for slug, name, more in contractors:
        _vendor(draw, slug, name, top, **{**pool, **more})
    for slug, name, line in _SERVICES:
        _vendor(draw, slug, name, top, service_lines=[line])


def trades_of(catalogue: Catalogue) -> list[str]:
    """Return every trade of the catalogue."""
    return sorted({_category(catalogue, code).trade for code in catalogue.codes})


def _category(catalogue: Catalogue, code: str) -> Any:
    return catalogue.get(code)


def _crew(draw: Draw, slug: str, name: str, place: Row, **more: Any) -> None:
    prefix = "" if draw.shape is CITY else f"{draw.shape.slug}-"
    row = {
        "id": f"{prefix}{slug}",
        "name": name,
        "vendor_id": None,
        "place_id": place["id"],
        "place_key": place["path"] + "/",
        "skills": trades_of(draw.catalogue),
        "certificates": [],
        "shifts": DAY_AND_NIGHT,
    }
    draw.rows.crew.append({**row, **more})


def _crews(draw: Draw) -> None:
    """Draw one crew that may do everything, and a few with limits on each street."""
    top = draw.rows.place[0]
    kinds = {_category(draw.catalogue, code).certificate for code in draw.catalogue.codes}
    held = sorted(kinds - {None})
    vendor = draw.rows.vendor[0]["id"]
    papers = _papers(draw, held)
    _crew(draw, "c-anxin", "安心水电抢修班", top, vendor_id=vendor, certificates=papers)
    if draw.shape is not CITY:
        return
    for street in draw.rows.places("street"):
        called = street["name"].removesuffix("街道")
        owner = f"v-property-{street['id']}"
        _crew(
            draw,
            f"c-{street['id']}-1",
            f"{called}水电班 · {names.master(draw.rng)}",
            street,
            vendor_id=owner,
            certificates=_papers(draw, held),
        )
        _crew(
            draw,
            f"c-{street['id']}-2",
            f"{called}综合班 · {names.master(draw.rng)}",
            street,
            vendor_id=owner,
            certificates=_papers(draw, [k for k in held if k != "lift"]),
        )
        _crew(
            draw,
            f"c-{street['id']}-3",
            f"{called}日班 · {names.master(draw.rng)}",
            street,
            certificates=_papers(draw, ["electrician"], days=(5, 60)),
            shifts=[{"from": "08:00", "to": "18:00"}],
        )


def _papers(draw: Draw, kinds: Iterable[str], days: tuple[int, int] = (200, 900)) -> list[Row]:
    return [
        {
            "trade": kind,
            "valid_until": (draw.today + timedelta(days=draw.rng.randint(*days))).isoformat(),
        }
        for kind in kinds
    ]


def _utilities(draw: Draw) -> None:
    top = draw.rows.place[0]
    prefix = "" if draw.shape is CITY else f"{draw.shape.slug}-"
    for trade, name in (
        ("water", "自来水公司抢修热线"),
        ("power", "供电局抢修热线"),
        ("gas", "燃气公司抢险热线"),
        ("heat", "供热公司服务热线"),
        ("telecom", "通信网络报障热线"),
    ):
        row = {
            "id": f"{prefix}u-{trade}",
            "trade": trade,
            "name": f"{draw.shape.name}{name}",
            "phone": names.landline(draw.rng),
            "place_id": top["id"],
            "place_key": top["path"] + "/",
        }
        draw.rows.utility.append(row)

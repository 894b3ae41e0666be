"""Who answers for the demo district: departments, utilities, street teams, committees, firms."""

from dataclasses import dataclass
from datetime import datetime

from gezhi.foundation.actors.agencies import create_agency
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.areas.models import Area

PHONE = "0000-8800"  # no such number


@dataclass(frozen=True, slots=True)
class Office:
    """One organisation on its way into the table. The duties are the words of the packs' functions.csv."""

    code: str
    kind: str
    name: str
    name_en: str
    duties: str
    parent: str = ""


DUTIES = {
    "CG": "city_management",
    "HW": "sanitation",
    "YL": "greening",
    "SZ": "roads lighting drainage",
    "GS": "water",
    "RQ": "gas heating",
    "GD": "power",
    "TX": "telecom",
    "GA": "public_security",
    "JJ": "traffic_police",
    "ZJ": "construction housing transport",
    "ZS": "planning river environment agriculture",
    "YJ": "emergency fire",
    "SC": "market",
    "SW": "civil_affairs health sports publicity justice government_service",
}
DISTRICT = tuple(
    Office(*row)
    for row in (
        ("CG", "department", "云泽区城管局", "Yunze City Management Bureau", DUTIES["CG"]),
        ("HW", "station", "云泽区环卫所", "Yunze Sanitation Station", DUTIES["HW"], "CG"),
        ("YL", "station", "云泽区园林所", "Yunze Parks Station", DUTIES["YL"], "CG"),
        ("SZ", "station", "云泽区市政照明所", "Yunze Roads and Lighting Station", DUTIES["SZ"], "CG"),
        ("GS", "utility", "清源供水公司", "Qingyuan Water", DUTIES["GS"]),
        ("RQ", "utility", "云泽燃气热力公司", "Yunze Gas and Heat", DUTIES["RQ"]),
        ("GD", "utility", "云泽供电公司", "Yunze Power", DUTIES["GD"]),
        ("TX", "utility", "星桥通信服务公司", "Xingqiao Telecom", DUTIES["TX"]),
        ("GA", "department", "云泽公安分局", "Yunze Public Security Bureau", DUTIES["GA"]),
        ("JJ", "station", "云泽交警大队", "Yunze Traffic Police", DUTIES["JJ"], "GA"),
        ("ZJ", "department", "云泽区住建交通局", "Yunze Housing and Transport Bureau", DUTIES["ZJ"]),
        ("ZS", "department", "云泽区自然资源和水务局", "Yunze Land and Water Bureau", DUTIES["ZS"]),
        ("YJ", "department", "云泽区应急局", "Yunze Emergency Bureau", DUTIES["YJ"]),
        ("SC", "department", "云泽区市场监管局", "Yunze Market Bureau", DUTIES["SC"]),
        ("SW", "department", "云泽区社会事务局", "Yunze Social Affairs Bureau", DUTIES["SW"]),
    )
)
TEAM_DUTIES = "city_management"
CENTRE_DUTIES = "civil_affairs justice government_service housing publicity greening sanitation"
FIRMS = ("和家", "安居", "暖邻", "美庭", "乐苑", "谐和", "绿岸", "新桥", "锦绣里", "嘉园", "清风", "悦邻")


def found_agencies(*, areas: dict[str, Area], at: datetime) -> dict[str, Agency]:
    """All agencies by code: CG, HW …; FD1 and ZX1 … of streets; JW01 and WY01 … of communities."""
    made: dict[str, Agency] = {}
    by_kind = {
        kind: [a for a in areas.values() if a.kind == kind] for kind in ("district", "street", "community")
    }
    for office in DISTRICT:
        _found(office, by_kind["district"][0], made, at)
    for number, street in enumerate(sorted(by_kind["street"], key=lambda a: a.path), start=1):
        _of_street(number, street, made, at)
    for number, community in enumerate(sorted(by_kind["community"], key=lambda a: a.path), start=1):
        _of_community(number, community, made, at)
    return made


def _of_street(number: int, street: Area, made: dict[str, Agency], at: datetime) -> None:
    stem, stem_en = street.name.removesuffix("街道"), street.name_en.split()[0]
    team = Office(
        f"FD{number}", "station", f"{stem}城管分队", f"{stem_en} Enforcement Team", TEAM_DUTIES, "CG"
    )
    centre = Office(
        f"ZX{number}", "station", f"{stem}街道综合服务中心", f"{stem_en} Service Centre", CENTRE_DUTIES
    )
    for office in (team, centre):
        _found(office, street, made, at)


def _of_community(number: int, community: Area, made: dict[str, Agency], at: datetime) -> None:
    stem, stem_en = community.name.removesuffix("社区"), community.name_en.split()[0]
    committee = Office(
        f"JW{number:02}", "committee", f"{stem}社区居委会", f"{stem_en} Committee", "community_committee"
    )
    firm = FIRMS[(number - 1) % len(FIRMS)]
    property_firm = Office(
        f"WY{number:02}", "property_firm", f"{firm}物业{stem}项目部", f"Property Office {stem_en}", "property"
    )
    for office in (committee, property_firm):
        _found(office, community, made, at)


def _found(office: Office, area: Area, made: dict[str, Agency], at: datetime) -> None:
    parent = made.get(office.parent)
    made[office.code] = create_agency(
        actor=SYSTEM,
        at=at,
        code=office.code,
        name=office.name,
        name_en=office.name_en,
        kind=office.kind,
        area_id=area.pk,
        parent_id=parent.pk if parent else None,
        functions=office.duties.split(),
        phone=f"{PHONE}{len(made) + 101:03}",
    )

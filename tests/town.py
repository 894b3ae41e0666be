"""A small town and its people for tests: two communities of two grids, three agencies, one catalogue.

The grids are squares of 0.01° side by side: G1 and G2 in the first community, G3 and G4 in the second.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import shapely
from PIL import Image

from gezhi.foundation.actors.models import Agency, Post, Role, User
from gezhi.foundation.actors.presets import install_roles
from gezhi.foundation.actors.queries import actor_of, forget_posts
from gezhi.foundation.actors.scope import SYSTEM, Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.files.models import File
from gezhi.foundation.files.services import store_photo
from gezhi.territory.layers.services import GridShape, ensure_scheme, publish_layer
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.policy import adopt_preset
from gezhi.work.cases.services import VISITOR, Contact, Report, report
from gezhi.work.matters.models import CatalogueVersion, Condition, MatterClass, MatterItem

# A Monday, 09:00 in Shanghai: an ordinary working day.
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WEST, SOUTH, SIDE = 112.50, 30.20, 0.01
PASSWORD = "Tests-only-12345"

PEOPLE = {
    # username: (name, role, area code, agency code)
    "worker": ("测试·网格员甲", "grid_worker", "420599001001001", ""),
    "worker2": ("测试·网格员乙", "grid_worker", "420599001001002", ""),
    "inspector": ("测试·监督员", "inspector", "420599001", ""),
    "clerk": ("测试·综合席", "desk_clerk", "420599001", ""),
    "intake": ("测试·受理员", "intake", "420599", ""),
    "dispatcher": ("测试·派遣员", "dispatcher", "420599", ""),
    "desk": ("测试·监督席", "desk", "420599", ""),
    "call_back": ("测试·回访员", "call_back", "420599", ""),
    "head": ("测试·环卫所长", "agency_head", "420599", "SAN"),
    "handler": ("测试·环卫处置员", "handler", "420599", "SAN"),
    "other_head": ("测试·供水负责人", "agency_head", "420599", "WAT"),
    "leader": ("测试·值班领导", "approver", "420599", ""),
    "appraiser": ("测试·考核员", "appraiser", "420599", ""),
    "admin": ("测试·系统管理员", "system_admin", "420599", ""),
    "security": ("测试·安全管理员", "security_admin", "420599", ""),
    "auditor": ("测试·审计管理员", "audit_admin", "420599", ""),
    "outsider": ("测试·外区网格员", "grid_worker", "420600001001001", ""),
}


@dataclass
class Town:
    """The ground and the catalogue."""

    areas: dict[str, Area] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    version: CatalogueVersion | None = None
    conditions: dict[str, Condition] = field(default_factory=dict)

    def actor(self, name: str, *, at: datetime = START) -> Actor:
        return actor_of(self.users[name], at=at)

    def point(self, grid: int = 1) -> tuple[float, float]:
        """The middle of a grid, 1 to 4."""
        return WEST + SIDE * (grid - 0.5), SOUTH + SIDE / 2

    def photo(self, shade: int = 120, *, at: datetime = START) -> File:
        return store_photo(actor=SYSTEM, upload=picture(shade), name="test.jpg", at=at)

    def report(self, by: str = "worker", *, at: datetime = START, grid: int = 1, **said: Any) -> Case:
        """A case just reported by a grid worker."""
        lon, lat = self.point(grid)
        photos = said.pop("photos", (self.photo(),))
        words = {"description": "路边有一堆垃圾", "source": "patrol", "address": "青禾街 8 号", **said}
        case, _code = report(
            actor=self.actor(by), at=at, said=Report(lon=lon, lat=lat, photos=photos, **words)
        )
        return case

    def resident_report(self, *, at: datetime = START, grid: int = 1, **said: Any) -> tuple[Case, str]:
        """A case reported by a resident, with the tracking code."""
        lon, lat = self.point(grid)
        words = {
            "description": "楼下垃圾没人清",
            "contact": Contact(name="甲居民", phone="00000000001"),
            **said,
        }
        return report(actor=VISITOR, at=at, said=Report(source="resident", lon=lon, lat=lat, **words))

    def give_post(self, username: str, role: str, area: str) -> None:
        """One more post, held for long."""
        since = START - timedelta(days=400)
        Post.objects.create(user=self.users[username], role_id=role, area=self.areas[area], since=since)
        forget_posts()

    def end_posts(self, *usernames: str, at: datetime) -> None:
        """These people leave all their posts."""
        Post.objects.filter(user__username__in=usernames).update(until=at)
        forget_posts()

    def drive(self, case: Case, until: str, *, at: datetime = START) -> Case:
        """Take a case along the main path up to and including an act, as the ordinary people do it.

        The street office preset sends to verify and closes by itself.
        """
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("file", "clerk", {"condition": self.conditions["rubbish"].pk}),
            *self._to_the_end(),
        ]
        return self._walk(case, steps, until, at)

    def drive_from_filed(self, case: Case, *, at: datetime) -> Case:
        """Take a filed case to its closing."""
        return self._walk(case, self._to_the_end(), "verify", at)

    def _to_the_end(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            ("dispatch", "clerk", {"agency": self.agencies["SAN"].pk}),
            ("sign", "handler", {}),
            ("report_result", "handler", {"text": "已清运", "photos": [self.photo(60).pk]}),
            ("verify", "", {"result": "true", "photos": [self.photo(61).pk]}),
        ]

    def _walk(
        self, case: Case, steps: list[tuple[str, str, dict[str, Any]]], until: str, at: datetime
    ) -> Case:
        for n, (act, who, data) in enumerate(steps):
            then = at + timedelta(minutes=5 * (n + 1))
            user = self.users[who] if who else case.owner_user
            assert user is not None
            case = perform(act, case.pk, actor=actor_of(user, at=then), at=then, data=data)
            case = Case.objects.get(pk=case.pk)
            if act == until:
                break
        return case


def picture(shade: int) -> bytes:
    """A plain JPEG."""
    buffer = BytesIO()
    Image.new("RGB", (64, 48), (shade, shade, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


def build_town() -> Town:
    """Lay out the town at START; every row is real, made by the services where there are some."""
    town = Town()
    _areas(town)
    _grids(town)
    _agencies(town)
    install_roles(actor=SYSTEM, at=START - timedelta(days=400))
    _catalogue(town)
    _people(town)
    adopt_preset(
        actor=SYSTEM, area=town.areas["420599"], name="street_office", at=START - timedelta(days=400)
    )
    return town


def _areas(town: Town) -> None:
    rows = [
        ("420599", "district", "测试区", None),
        ("420599001", "street", "测试街道", "420599"),
        ("420599001001", "community", "甲社区", "420599001"),
        ("420599001002", "community", "乙社区", "420599001"),
        ("420599001001001", "grid", "甲一网格", "420599001001"),
        ("420599001001002", "grid", "甲二网格", "420599001001"),
        ("420599001002001", "grid", "乙一网格", "420599001002"),
        ("420599001002002", "grid", "乙二网格", "420599001002"),
        ("420600", "district", "邻区", None),
        ("420600001001001", "grid", "邻区网格", "420600"),
    ]
    for code, kind, name, parent in rows:
        above = town.areas[parent] if parent else None
        town.areas[code] = Area.objects.create(
            kind=kind, code=code, name=name, parent=above, path=f"{above.path if above else ''}{code}/"
        )


def _grids(town: Town) -> None:
    at = START - timedelta(days=400)
    codes = ["420599001001001", "420599001001002", "420599001002001", "420599001002002"]
    scheme = ensure_scheme(
        actor=SYSTEM,
        at=at,
        area=town.areas["420599"],
        code="base",
        name="基础网格",
        name_en="Base",
        base=True,
    )
    shapes = [
        GridShape(
            area=town.areas[code],
            geom=shapely.box(WEST + SIDE * n, SOUTH, WEST + SIDE * (n + 1), SOUTH + SIDE),
            households=300,
        )
        for n, code in enumerate(codes)
    ]
    publish_layer(actor=SYSTEM, at=at, scheme=scheme, grids=shapes)


def _agencies(town: Town) -> None:
    for code, name, duties in (
        ("SAN", "测试环卫所", ["sanitation"]),
        ("WAT", "测试供水公司", ["water"]),
        ("ODD", "测试其他单位", []),
    ):
        town.agencies[code] = Agency.objects.create(
            code=code,
            path=f"{code}/",
            kind="department",
            name=name,
            area=town.areas["420599"],
            functions=duties,
        )


def _people(town: Town) -> None:
    from django.contrib.auth.hashers import make_password

    hashed = make_password(PASSWORD)
    for username, (name, role, area, agency) in PEOPLE.items():
        user = User.objects.create(username=username, name=name, password=hashed)
        town.users[username] = user
        Post.objects.create(
            user=user,
            role=Role.objects.get(pk=role),
            area=town.areas[area],
            agency=town.agencies[agency] if agency else None,
            since=START - timedelta(days=400),
        )


def _catalogue(town: Town) -> None:
    town.version = CatalogueVersion.objects.create(
        number=1,
        name="测试目录",
        state="published",
        created_at=START - timedelta(days=400),
        published_at=START - timedelta(days=400),
        effective_from=START - timedelta(days=400),
    )
    events = _class(town, "event", "01", "市容环境")
    parts = _class(town, "component", "01", "公用设施")
    demands = _class(town, "demand", "01", "咨询建议")
    _condition(town, "rubbish", events, "10", "暴露垃圾", "4", "work_hours", "sanitation", spot=True)
    _condition(town, "cover", parts, "01", "上水井盖", "2", "clock_hours", "water", emergency=True)
    _condition(
        town, "question", demands, "01", "政策咨询", "2", "work_days", "community_committee", advice=True
    )


def _class(town: Town, kind: str, code: str, name: str) -> MatterClass:
    return MatterClass.objects.create(version=town.version, kind=kind, code=code, name=name, name_en=name)


def _condition(
    town: Town,
    key: str,
    matter_class: MatterClass,
    code: str,
    name: str,
    amount: str,
    kind: str,
    duty: str,
    *,
    spot: bool = False,
    advice: bool = False,
    emergency: bool = False,
) -> None:
    item = MatterItem.objects.create(
        version=town.version,
        matter_class=matter_class,
        kind=matter_class.kind,
        code=matter_class.code + code,
        name=name,
        name_en=name,
        initials="",
        solve_on_spot=spot,
        direct_answer=advice,
        public=True,
    )
    town.conditions[key] = Condition.objects.create(
        item=item,
        number=1,
        text_zh=f"{name}，测试条件",
        text_en=f"{name}, test condition",
        limit_kind=kind,
        limit_amount=Decimal(amount),
        emergency=emergency,
        closing_zh="恢复正常",
        closing_en="Back to normal",
        evidence={"report": 1, "result": 1, "verify": 1},
        responsible={"district": duty},
    )

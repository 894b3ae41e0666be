"""The district of the bench: ten streets of ten communities of eight grids, its agencies, people and keys."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import as_file, files

import shapely
from django.db import transaction

from gezhi.foundation.actors.keys import create_key
from gezhi.foundation.actors.models import Agency, ApiKey, Post, User
from gezhi.foundation.actors.presets import install_roles
from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.areas.models import Area
from gezhi.foundation.kept import forget_all
from gezhi.territory.layers.services import GridShape, ensure_scheme, publish_layer
from gezhi.work.cases.policy import adopt_preset
from gezhi.work.matters.models import CatalogueVersion, Condition
from gezhi.work.matters.queries import suggest_agencies
from gezhi.work.matters.services import install_pack, publish_version

ROOT = "420599"  # no such county
STREETS, COMMUNITIES, GRIDS = 10, 10, 8  # of the district, of a street, of a community
WEST, SOUTH, SIDE = 112.50, 30.20, 0.004
COLUMNS = 40
DEPARTMENTS = {
    "CG": ("bench 城管局", ("city_management",)),
    "HW": ("bench 环卫所", ("sanitation",)),
    "YL": ("bench 园林所", ("greening",)),
    "SZ": ("bench 市政所", ("roads", "lighting", "drainage", "construction")),
    "GS": ("bench 供水公司", ("water",)),
    "RQ": ("bench 燃气公司", ("gas", "heating")),
    "GD": ("bench 供电公司", ("power", "telecom")),
    "GA": ("bench 公安分局", ("public_security", "traffic_police")),
    "ZS": ("bench 资源局", ("planning", "river", "environment", "agriculture", "housing", "transport")),
    "SW": ("bench 社会事务局", ("civil_affairs", "health", "market", "emergency", "fire", "justice")),
}


@dataclass
class District:
    """What the history and the clients need to know of it."""

    founded: datetime
    areas: dict[str, Area] = field(default_factory=dict)
    agencies: list[Agency] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)

    @property
    def grids(self) -> list[Area]:
        return [area for area in self.areas.values() if area.kind == "grid"]


def found(*, at: datetime) -> District:
    """Build it in an empty database: everything by the services, rows in bulk where they are many."""
    district = District(founded=at)
    with transaction.atomic():
        install_roles(actor=SYSTEM, at=at)
        _areas(district)
        _ground(district)
        _agencies(district)
        version = _catalogue(at)
        adopt_preset(actor=SYSTEM, area=district.areas[ROOT], name="street_office", at=at)
        _people(district)
    forget_all()
    # No photo is asked for: what is measured is the loop, not the camera.
    Condition.objects.filter(item__version=version).update(evidence={})
    known = Condition.objects.filter(item__version=version, emergency=False, item__sealed=False)
    district.conditions = list(known.select_related("item").order_by("pk"))
    return district


def key_for(district: District, username: str, *, at: datetime) -> str:
    """The secret of a key with all scopes a program needs for cases."""
    _key, secret = create_key(
        actor=actor_of(district.users[username], at=at),
        at=at,
        name="bench",
        scopes=[ApiKey.Scope.READ, ApiKey.Scope.REPORT, ApiKey.Scope.ACT],
        expires_at=at + timedelta(days=1),
    )
    return secret


def middle_of(number: int) -> tuple[float, float]:
    """The middle of the n-th grid: squares side by side, row upon row."""
    row, column = divmod(number, COLUMNS)
    return WEST + SIDE * (column + 0.5), SOUTH + SIDE * (row + 0.5)


def workplaces(district: District, *, at: datetime, wanted: int) -> list[dict[str, object]]:
    """Grids spread over the district, each with the keys of its worker, of its street's desk and of the
    agency the responsibility list names first for a matter there: what a client of the bench works with."""
    grids = district.grids
    keys: dict[str, str] = {}

    def key(username: str) -> str:
        if username not in keys:
            keys[username] = key_for(district, username, at=at)
        return keys[username]

    made: list[dict[str, object]] = []
    for n in range(wanted):
        number = n * len(grids) // wanted + 3
        grid = grids[number % len(grids)]
        condition = district.conditions[n * 7 % len(district.conditions)]
        answerable = suggest_agencies(condition=condition, area_path=grid.path, at=at)
        lon, lat = middle_of(number % len(grids))
        made.append(
            {
                "lon": lon,
                "lat": lat,
                "worker": key(f"worker{grid.code}"),
                "clerk": key(f"clerk{grid.code[:9]}"),
                "condition": condition.pk,
                "agency": answerable[0].agency.pk,
                "handler": key(f"handler{answerable[0].agency.code}"),
            }
        )
    return made


def _areas(district: District) -> None:
    top = _area(district, "district", ROOT, "bench 区", None)
    for s in range(1, STREETS + 1):
        street = _area(district, "street", f"{ROOT}{s:03}", f"bench {s} 街道", top)
        for c in range(1, COMMUNITIES + 1):
            community = _area(district, "community", f"{street.code}{c:03}", f"bench {s}-{c} 社区", street)
            for g in range(1, GRIDS + 1):
                _area(district, "grid", f"{community.code}{g:03}", f"bench {s}-{c}-{g} 网格", community)


def _area(district: District, kind: str, code: str, name: str, above: Area | None) -> Area:
    path = f"{above.path if above else ''}{code}/"
    made = Area.objects.create(kind=kind, code=code, name=name, parent=above, path=path)
    district.areas[code] = made
    return made


def _ground(district: District) -> None:
    scheme = ensure_scheme(
        actor=SYSTEM,
        at=district.founded,
        area=district.areas[ROOT],
        code="base",
        name="基础网格",
        name_en="Base",
        base=True,
    )
    shapes = []
    for number, grid in enumerate(district.grids):
        lon, lat = middle_of(number)
        half = SIDE / 2
        square = shapely.box(lon - half, lat - half, lon + half, lat + half)
        shapes.append(GridShape(area=grid, geom=square, households=300))
    publish_layer(actor=SYSTEM, at=district.founded, scheme=scheme, grids=shapes)


def _agencies(district: District) -> None:
    """Departments of the district, a team for each street, a committee for each community."""
    top = district.areas[ROOT]
    rows = [(code, "department", name, list(duties), top) for code, (name, duties) in DEPARTMENTS.items()]
    for area in district.areas.values():
        if area.kind == "street":
            rows.append((f"FD{area.code}", "station", f"{area.name}执法队", ["city_management"], area))
        if area.kind == "community":
            duties = ["community_committee", "property"]
            rows.append((f"JW{area.code}", "committee", f"{area.name}居委会", duties, area))
    district.agencies = Agency.objects.bulk_create(
        Agency(code=code, path=f"{code}/", kind=kind, name=name, functions=duties, area=area)
        for code, kind, name, duties, area in rows
    )


def _catalogue(at: datetime) -> CatalogueVersion:
    for name in ("city_management", "community_demands"):
        with as_file(files("gezhi.packs") / name) as folder:
            draft = install_pack(actor=SYSTEM, folder=folder, at=at)
    return publish_version(actor=SYSTEM, version_id=draft.pk, at=at)


def _people(district: District) -> None:
    """A worker for each grid; clerk, dispatcher, inspector and approver for each street and the district;
    a head and a handler for each agency."""
    rows: list[tuple[str, str, Area, Agency | None]] = []
    for area in district.areas.values():
        if area.kind == "grid":
            rows.append((f"worker{area.code}", "grid_worker", area, None))
        elif area.kind in ("street", "district"):
            for name, role in (
                ("clerk", "desk_clerk"),
                ("dispatcher", "dispatcher"),
                ("inspector", "inspector"),
                ("approver", "approver"),
            ):
                rows.append((f"{name}{area.code}", role, area, None))
    for agency in district.agencies:
        rows.append((f"head{agency.code}", "agency_head", agency.area, agency))
        rows.append((f"handler{agency.code}", "handler", agency.area, agency))
    people = User.objects.bulk_create(
        User(username=username, name=f"bench {username}", password="!")  # noqa: S106
        for username, *_rest in rows
    )
    district.users = {user.username: user for user in people}
    Post.objects.bulk_create(
        Post(user=user, role_id=role, area=area, agency=agency, since=district.founded)
        for user, (_username, role, area, agency) in zip(people, rows, strict=True)
    )

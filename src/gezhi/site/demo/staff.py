"""The sixty people of the demo district and their posts. All names are invented."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password

from gezhi.foundation.actors.models import Agency, Post, Role, User
from gezhi.foundation.actors.queries import actor_of, forget_posts
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.models import Area

PASSWORD = "gezhi-demo"  # noqa: S105  the demo's accounts are public: the sign-in page offers them
TOTAL = 60
WORKERS = 14
MANAGERS = 6  # of the committees and property firms, several each
SURNAMES = "林苏周何沈陆江程叶顾秦白温方唐卢罗段裴邵"
GIVEN = tuple(
    "岚 晴 宁 川 舟 禾 砚 溪 朗 澄 屿 桐 知夏 望舒 清和 云舒 若谷 长风 南星 听雨 "  # noqa: SIM905
    "一诺 明远 向晚 初阳 沐之 青岩 知秋 安澜 景行 怀瑾".split()
)


@dataclass
class Staff:
    """Who works where: by the codes of grids, streets (`clerk_of`, `leader_of`) and agencies."""

    users: dict[str, User] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    of_grid: dict[str, str] = field(default_factory=dict)
    clerk_of: dict[str, str] = field(default_factory=dict)
    leader_of: dict[str, str] = field(default_factory=dict)
    of_agency: dict[str, list[str]] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, username: str) -> Actor:
        return self.actors[username]

    def by_id(self, user_id: int | None) -> str:
        return next(name for name, user in self.users.items() if user.pk == user_id)


def appoint(*, areas: dict[str, Area], agencies: dict[str, Agency], at: datetime) -> Staff:
    """Make the users and posts, held since `at`. One grid is left without a worker: a vacancy to be seen."""
    staff = Staff()
    kinds: dict[str, list[Area]] = {}
    for area in sorted(areas.values(), key=lambda a: a.path):
        kinds.setdefault(area.kind, []).append(area)
    plan = [*_grid_workers(kinds["grid"], staff), *_street_people(kinds["street"], staff)]
    plan += _district_people(kinds["district"][0])
    plan += _agency_people(list(agencies.values()), TOTAL - len({p[0] for p in plan}), staff)
    _write(plan, staff, at)
    return staff


Row = tuple[str, str, Area, Agency | None]  # username, role, area, agency


def _grid_workers(grids: list[Area], staff: Staff) -> list[Row]:
    rows: list[Row] = []
    manned = grids[:-1]
    for n, grid in enumerate(manned):
        username = f"worker{n * WORKERS // len(manned) + 1:02d}"
        staff.of_grid[grid.code] = username
        rows.append((username, "grid_worker", grid, None))
    return rows


def _street_people(streets: list[Area], staff: Staff) -> list[Row]:
    rows: list[Row] = []
    for n, street in enumerate(streets, 1):
        staff.clerk_of[street.code] = f"clerk{n}"
        staff.leader_of[street.code] = f"leader{n}"
        rows += [
            (f"clerk{n}", "desk_clerk", street, None),
            (f"inspector{n}", "inspector", street, None),
            (f"leader{n}", "leader_in_charge", street, None),
        ]
    return rows


def _district_people(district: Area) -> list[Row]:
    return [
        ("intake", "intake", district, None),
        ("dispatcher", "dispatcher", district, None),
        ("desk", "desk", district, None),
        ("callback", "call_back", district, None),
        ("approver", "approver", district, None),
        ("approver2", "approver", district, None),
        ("appraiser", "appraiser", district, None),
        ("system", "system_admin", district, None),
        ("security", "security_admin", district, None),
        ("audit", "audit_admin", district, None),
    ]


def _agency_people(agencies: list[Agency], count: int, staff: Staff) -> list[Row]:
    """A head for every agency; small ones of a kind share a person; the rest become handlers."""
    ordered = sorted(agencies, key=lambda a: (a.kind in ("committee", "property_firm"), a.code))
    small = [a for a in ordered if a.kind in ("committee", "property_firm")]
    large = [a for a in ordered if a not in small]
    heads = max(count - len(large), 1)
    rows: list[Row] = [(f"head{n:02d}", "agency_head", a.area, a) for n, a in enumerate(large[:count], 1)]
    shared = min(heads, MANAGERS, len(small))
    for n, agency in enumerate(small):
        rows.append((f"manager{n * shared // len(small) + 1:02d}", "agency_head", agency.area, agency))
    for n in range(heads - shared):
        agency = large[n % len(large)]
        rows.append((f"handler{n + 1:02d}", "handler", agency.area, agency))
    for username, _role, _area, owner in rows:
        assert owner is not None
        staff.of_agency.setdefault(owner.code, []).append(username)
    return rows


def _write(plan: list[Row], staff: Staff, at: datetime) -> None:
    hashed = make_password(PASSWORD)
    names = [s + g for g in GIVEN for s in SURNAMES]
    usernames = list(dict.fromkeys(row[0] for row in plan))
    users = [
        User(
            username=username,
            name=names[n * 7 % len(names)],
            password=hashed,
            duty_phone=f"0000-88{n + 12000}",
        )
        for n, username in enumerate(usernames)
    ]
    User.objects.bulk_create(users)
    staff.users = {user.username: user for user in User.objects.filter(username__in=usernames)}
    roles = {role.code: role for role in Role.objects.all()}
    staff.posts = Post.objects.bulk_create(
        Post(user=staff.users[username], role=roles[role], area=area, agency=agency, since=at)
        for username, role, area, agency in plan
    )
    forget_posts()
    staff.actors = {name: actor_of(user, at=at) for name, user in staff.users.items()}

"""Which pages `./run shots` pictures: add a line to PAGES to add a page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import models as db
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from gezhi.faces.portal.following import open_for, remember
from gezhi.foundation.actors.models import Agency, Post
from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.models import Asker, Case
from gezhi.work.cases.queries import todo
from gezhi.work.cases.services import CODE_ALPHABET
from gezhi.work.cases.states import ACTIVE, State
from gezhi.work.matters.models import MatterItem

if TYPE_CHECKING:
    from playwright.sync_api import Page

RESIDENT = ""  # somebody without an account
ELDER = {"elder": "1"}
ENGLISH = {settings.LANGUAGE_COOKIE_NAME: "en"}


@dataclass(frozen=True)
class Looker:
    """Who looks: a person with their post, or a resident (actor None); and their session."""

    actor: Actor | None
    session: SessionBase


Address = str | Callable[[Looker], str]


@dataclass(frozen=True)
class Shot:
    """One picture of a page.

    `who` is a role, whose busiest holder looks, or RESIDENT. `first` is done on the page before the picture
    and must do nothing in the demo but make a mistake: a form comes back, at most the attempt is audited.
    """

    name: str
    who: str
    address: Address
    first: "Callable[[Page], None] | None" = None
    status: int = 200
    cookies: dict[str, str] = field(default_factory=dict)


# ---- cases to look at


def case(where: Q, page: str = "console:case", *more: str, mine: bool = False) -> Callable[[Looker], str]:
    """The page of a case the person sees (or has to do with): in time if there is one, and rich in photos."""

    def address(looker: Looker) -> str:
        return reverse(page, args=[_case(looker, where, mine=mine).number, *more])

    return address


def _case(looker: Looker, where: Q, *, mine: bool = False) -> Case:
    found = Case.objects.visible_to(looker.actor).filter(where)
    if mine and looker.actor is not None:
        found = found.filter(todo(looker.actor))
    late = db.Case(db.When(LATE, then=db.Value(1)), default=db.Value(0))
    rich = found.annotate(late=late, photos=Count("events__photos"))
    best = rich.order_by("late", "-photos", "-seq", "-reported_at").first()
    if best is None:
        raise LookupError(f"The demo holds no case for {where}.")
    return best


def state(*states: State, **more: object) -> Q:
    return Q(state__in=states, **more)


def dispatching(looker: Looker) -> str:
    """Three cases ticked for dispatch."""
    waiting = Case.objects.visible_to(looker.actor).filter(state=State.FILED).order_by("due_at", "id")
    chosen = "&".join(f"case={number}" for number in waiting.values_list("number", flat=True)[:3])
    return f"{reverse('console:dispatch_many')}?{chosen}"


def matter(looker: Looker) -> str:
    """The item the newest case was filed under."""
    newest = Case.objects.exclude(item=None).select_related("item__version").latest("filed_at")
    assert newest.item is not None
    return reverse("settings:item", args=[newest.item.version.number, newest.item.kind, newest.item.code])


def version(looker: Looker) -> str:
    newest = MatterItem.objects.order_by("-version__number").values_list("version__number", flat=True)[0]
    return reverse("settings:version", args=[newest])


def person(looker: Looker) -> str:
    """One of the grid workers."""
    post = Post.objects.filter(role_id=WORKER).order_by("user_id").first()
    assert post is not None
    return reverse("settings:person", args=[post.user.pk])


def agency(looker: Looker) -> str:
    """The first agency of the list."""
    return reverse("settings:agency", args=[Agency.objects.order_by("path").values_list("pk", flat=True)[0]])


def asked(where: Q, page: str = "portal:progress") -> Callable[[Looker], str]:
    """A report as its asker follows it; the session is told so, as if the code had been typed."""

    def address(looker: Looker) -> str:
        key = open_for(looker.session, _asker(where), at=timezone.now())
        return reverse(page, args=[key])

    return address


def _asker(where: Q) -> Asker:
    late = db.Case(db.When(case__due_at__lt=Now(), then=db.Value(1)), default=db.Value(0))
    askers = Asker.objects.filter(where, withdrawn_at=None).annotate(late=late)
    best = askers.order_by("late", "-case__seq", "-pk").first()
    if best is None:
        raise LookupError(f"Nobody in the demo waits for a case with {where}.")
    return best


def thanks(looker: Looker) -> str:
    """The page after a report; the code on it is none."""
    at = timezone.now()
    asker = _asker(Q(case__state=State.REPORTED))
    key = open_for(looker.session, asker, at=at)
    code = f"{CODE_ALPHABET[8:13]}-{CODE_ALPHABET[18:23]}"
    remember(looker.session, report=asker.case_id, code=code, key=key, at=at)
    return reverse("portal:done", args=[asker.case_id])


# ---- what is done first


def press(name: str) -> "Callable[[Page], None]":
    """Press the last button of this name: that of the form."""
    return lambda page: page.get_by_role("button", name=name, exact=True).last.click()


def open_details(words: str) -> "Callable[[Page], None]":
    """Open what is folded under these words."""
    return lambda page: page.locator("summary", has_text=words).first.click()


def tick_two(page: "Page") -> None:
    for row in (0, 1):
        page.locator(".row input[type=checkbox]").nth(row).check()


def look_up(page: "Page") -> None:
    page.get_by_label("查地址").fill("家园")
    page.get_by_role("button", name="查找").click()
    page.locator(".offer").first.wait_for()


def pick_on_map(page: "Page") -> None:
    """An address found, then the map where it is, with the place in words."""
    look_up(page)
    page.locator(".offer").first.click()
    page.locator("#place-said .chosen").wait_for()
    page.locator(".map.ready").wait_for()
    page.locator("#place-said").scroll_into_view_if_needed()


def wrong_password(page: "Page") -> None:
    page.get_by_label("登录名").fill("worker01")
    page.get_by_label("密码").fill("not the password")
    page.get_by_role("button", name="登录", exact=True).click()


def type_matter(page: "Page") -> None:
    page.get_by_label("查找事项").first.fill("井盖")
    page.locator(".found .choice").first.wait_for()
    page.locator(".found").first.evaluate("found => found.scrollIntoView({block: 'center'})")


def first_point(page: "Page") -> None:
    """The first case of a map's list, chosen."""
    page.locator("[data-point]").first.click()
    page.locator("#panel h2").wait_for()


def describe(page: "Page") -> None:
    """What a caller says, until the matter is proposed and the address found."""
    page.get_by_label("反映的问题").fill("小区东门外井盖松动，车一压就响")
    page.locator("#id_item-found .choice").first.wait_for()


# ---- the pages

CLERK, DISPATCHER, LEADER, HEAD, WORKER = "desk_clerk", "dispatcher", "approver", "agency_head", "grid_worker"
SYSTEM = "system_admin"
LATE = Q(state__in=ACTIVE, due_at__lt=Now())

ENTRANCE = (
    Shot("sign-in", RESIDENT, "/accounts/login/"),
    Shot("sign-in-wrong", RESIDENT, "/accounts/login/", first=wrong_password),
    Shot("sign-in-english", RESIDENT, "/accounts/login/", cookies=ENGLISH),
    Shot("sign-out", CLERK, "/accounts/logout/"),
    Shot("password", CLERK, "/accounts/password/change/"),
    Shot("password-forgotten", RESIDENT, "/accounts/password/reset/"),
    Shot("account-closed", RESIDENT, "/accounts/inactive/"),
    Shot("no-sign-up", RESIDENT, "/accounts/signup/"),
    Shot("two-steps", CLERK, "/accounts/2fa/"),
    Shot("two-steps-again", CLERK, "/accounts/2fa/totp/activate/"),
    Shot("not-found", CLERK, "/desk/cases/0000-00-0000/", status=404),
    Shot("not-found-resident", RESIDENT, "/no-such-page/", status=404),
    Shot("not-for-your-post", CLERK, "/desk/settings/people/", status=403),
    Shot("api-reference", RESIDENT, "/api/docs"),
)

DESK = (
    Shot("desk-today", CLERK, "/desk/"),
    Shot("desk-today-leader", LEADER, "/desk/"),
    Shot("desk-today-agency", HEAD, "/desk/"),
    Shot("desk-today-system", SYSTEM, "/desk/"),
    Shot("cases-mine", CLERK, "/desk/cases/"),
    Shot("cases-panel", DISPATCHER, "/desk/cases/?stage=dispatch&case=first"),
    Shot("cases-ticked", DISPATCHER, "/desk/cases/?stage=dispatch", first=tick_two),
    Shot("cases-intake-panel", CLERK, "/desk/cases/?stage=intake&case=first"),
    Shot("cases-newest", CLERK, "/desk/cases/?stage=all&case=first"),
    Shot("cases-overdue", LEADER, "/desk/cases/?stage=overdue"),
    Shot("cases-closed", CLERK, "/desk/cases/?stage=closed"),
    Shot("cases-all", LEADER, "/desk/cases/?stage=all"),
    Shot("cases-agency", HEAD, "/desk/cases/"),
    Shot("cases-nothing-fits", CLERK, "/desk/cases/?stage=all&q=没有这样的事"),
    Shot("cases-english", DISPATCHER, "/desk/cases/?stage=dispatch&case=first", cookies=ENGLISH),
    Shot("dispatch-many", DISPATCHER, dispatching),
    Shot("new-case", CLERK, "/desk/cases/new/"),
    Shot("new-case-proposed", CLERK, "/desk/cases/new/", first=describe),
    Shot("new-case-wrong", CLERK, "/desk/cases/new/", first=press("登记")),
    Shot("map", LEADER, "/desk/map/"),
    Shot("map-panel", LEADER, "/desk/map/?stage=overdue", first=first_point),
    Shot("territory", LEADER, "/desk/territory/"),
    Shot("territory-street", CLERK, "/desk/territory/"),
    Shot("notices", CLERK, "/desk/notices/"),
    Shot("search", CLERK, "/desk/search/?q=井盖"),
)

CASES = (
    Shot("case-reported", CLERK, case(state(State.REPORTED))),
    Shot("case-checking", LEADER, case(state(State.CHECKING))),
    Shot("case-filed", DISPATCHER, case(state(State.FILED))),
    Shot("case-dispatched", LEADER, case(state(State.DISPATCHED))),
    Shot("case-handling", LEADER, case(state(State.HANDLING))),
    Shot("case-overdue", LEADER, case(LATE & state(State.HANDLING))),
    Shot("case-verifying", LEADER, case(state(State.VERIFYING))),
    Shot("case-closed", CLERK, case(state(State.CLOSED))),
    Shot("case-reworked", LEADER, case(Q(reworks__gt=0, reopenings__gt=0))),
    Shot("case-refused", LEADER, case(state(State.REFUSED))),
    Shot("case-merged", LEADER, case(state(State.MERGED))),
    Shot("case-archived", LEADER, case(state(State.ARCHIVED))),
    Shot("case-english", LEADER, case(state(State.HANDLING)), cookies=ENGLISH),
    Shot("case-contact", CLERK, case(Q(askers__phone_index__isnull=False)), first=open_details("查看联系")),
    Shot("act-file", CLERK, case(state(State.REPORTED), "console:act", "file"), first=type_matter),
    Shot("act-ask-check", CLERK, case(state(State.REPORTED), "console:act", "ask_check")),
    Shot("act-refuse", CLERK, case(state(State.REPORTED), "console:act", "refuse")),
    Shot("act-merge", CLERK, case(state(State.REPORTED), "console:act", "merge")),
    Shot("act-dispatch", DISPATCHER, case(state(State.FILED), "console:act", "dispatch")),
    Shot("act-result", HEAD, case(state(State.HANDLING), "console:act", "report_result")),
    Shot("act-result-wrong", HEAD, case(state(State.HANDLING), "console:act", "report_result"),
         first=press("反馈结果")),
    Shot("act-return", HEAD, case(state(State.DISPATCHED, returns=0), "console:act", "request_return")),
)  # fmt: skip

SETTINGS = (
    Shot("settings", SYSTEM, lambda who: reverse("settings:index")),
    Shot("settings-people", SYSTEM, lambda who: reverse("settings:people")),
    Shot("settings-person", SYSTEM, person),
    Shot("settings-new-person", SYSTEM, lambda who: reverse("settings:new_person")),
    Shot("settings-vacancies", SYSTEM, lambda who: reverse("settings:vacancies")),
    Shot("settings-give-post", SYSTEM, lambda who: reverse("settings:give_post")),
    Shot("settings-agencies", SYSTEM, lambda who: reverse("settings:agencies")),
    Shot("settings-agency", SYSTEM, agency),
    Shot("settings-new-agency", SYSTEM, lambda who: reverse("settings:new_agency")),
    Shot("settings-new-role", SYSTEM, lambda who: reverse("settings:new_role")),
    Shot("settings-roles", SYSTEM, lambda who: reverse("settings:roles")),
    Shot("settings-role", SYSTEM, lambda who: reverse("settings:role", args=[WORKER])),
    Shot("settings-areas", SYSTEM, lambda who: reverse("settings:areas")),
    Shot("settings-calendar", SYSTEM, lambda who: reverse("settings:calendar")),
    Shot("settings-catalogue", SYSTEM, lambda who: reverse("settings:catalogue")),
    Shot("settings-version", SYSTEM, version),
    Shot("settings-matter", SYSTEM, matter),
    Shot("settings-responsibility", SYSTEM, lambda who: reverse("settings:duties")),
    Shot("settings-rules", SYSTEM, lambda who: reverse("settings:policy")),
    Shot("settings-outbox", SYSTEM, lambda who: reverse("settings:outbox")),
    Shot("settings-audit", "audit_admin", lambda who: reverse("settings:audit")),
    Shot("settings-keys", "security_admin", lambda who: reverse("settings:keys")),
)

FIELD = (
    Shot("field-today", WORKER, "/field/"),
    Shot("field-today-agency", HEAD, "/field/"),
    Shot("field-grid", WORKER, "/field/grid/"),
    Shot("field-messages", WORKER, "/field/messages/"),
    Shot("field-me", WORKER, "/field/me/"),
    Shot("field-mine", WORKER, "/field/mine/"),
    Shot("field-map", WORKER, "/field/map/"),
    Shot("field-report", WORKER, "/field/report/"),
    Shot("field-report-matter", WORKER, "/field/report/", first=type_matter),
    Shot("field-report-wrong", WORKER, "/field/report/", first=press("上报")),
    Shot("field-solve", WORKER, "/field/solve/"),
    Shot("field-case-verify", WORKER, case(state(State.VERIFYING), "field:case", mine=True)),
    Shot("field-verify", WORKER, case(state(State.VERIFYING), "field:act", "verify", mine=True)),
    Shot("field-case-handle", HEAD, case(state(State.HANDLING), "field:case")),
    Shot("field-result", HEAD, case(state(State.HANDLING), "field:act", "report_result")),
    Shot("field-assign", HEAD, case(state(State.HANDLING), "field:act", "assign")),
)  # fmt: skip

PORTAL = (
    Shot("home", RESIDENT, "/"),
    Shot("home-elder", RESIDENT, "/", cookies=ELDER),
    Shot("home-english", RESIDENT, "/", cookies=ENGLISH),
    Shot("here", RESIDENT, "/here/"),
    Shot("report", RESIDENT, "/report/"),
    Shot("report-elder", RESIDENT, "/report/", cookies=ELDER),
    Shot("report-address", RESIDENT, "/report/", first=look_up),
    Shot("report-place", RESIDENT, "/report/", first=pick_on_map),
    Shot("report-wrong", RESIDENT, "/report/", first=press("提交")),
    Shot("thanks", RESIDENT, thanks),
    Shot("track", RESIDENT, "/track/"),
    Shot("track-wrong", RESIDENT, "/track/", first=press("看进展")),
    Shot("progress-handling", RESIDENT, asked(Q(case__state=State.HANDLING))),
    Shot("progress-elder", RESIDENT, asked(Q(case__state=State.HANDLING)), cookies=ELDER),
    Shot("progress-english", RESIDENT, asked(Q(case__state=State.HANDLING)), cookies=ENGLISH),
    Shot("progress-closed", RESIDENT, asked(Q(case__state=State.CLOSED, ratings=None))),
    Shot("progress-rated", RESIDENT, asked(Q(case__state=State.CLOSED, ratings__stars__gte=4))),
    Shot("progress-refused", RESIDENT, asked(Q(case__state=State.REFUSED))),
    Shot("progress-again", RESIDENT, asked(Q(case__reopenings__gt=0))),
    Shot("add", RESIDENT, asked(Q(case__state=State.HANDLING), "portal:add")),
    Shot("withdraw", RESIDENT, asked(Q(case__state=State.REPORTED), "portal:withdraw")),
)

PAGES: tuple[Shot, ...] = (*ENTRANCE, *DESK, *CASES, *SETTINGS, *FIELD, *PORTAL)

# The pictures of the README, by the name of the shot and whether it is the phone's.
DOCS: dict[str, tuple[str, bool]] = {
    "queue": ("cases-newest", False),
    "case": ("case-closed", False),
    "map": ("map", False),
    "phone": ("field-today", True),
    "progress": ("progress-handling", True),
}

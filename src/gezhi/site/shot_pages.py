"""Which pages `./run shots` pictures: to add one, add a line under the role that looks at it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import models as db
from django.db.models import Count, F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from gezhi.faces.portal.following import open_for, remember
from gezhi.foundation.actors.models import Agency, Post
from gezhi.foundation.actors.scope import Actor
from gezhi.oversight.accountability.trace import stretches
from gezhi.work.cases.models import Asker, Case, Clock
from gezhi.work.cases.perform import allowed_acts
from gezhi.work.cases.queries import events_of, todo
from gezhi.work.cases.services import CODE_ALPHABET
from gezhi.work.cases.states import ACTIVE, State
from gezhi.work.matters.models import MatterItem

if TYPE_CHECKING:
    from playwright.sync_api import Page

RESIDENT = ""  # somebody without an account
ELDER = {"elder": "1"}
ENGLISH = {settings.LANGUAGE_COOKIE_NAME: "en"}
LATE = Q(state__in=ACTIVE, due_at__lt=Now())
TRIED = 40  # cases looked at for one an act is possible on


@dataclass(frozen=True)
class Looker:
    """Who looks: a person with their post, or a resident (actor None); and their session."""

    actor: Actor | None
    session: SessionBase


Address = str | Callable[[Looker], str]
First = Callable[["Page"], None]


@dataclass(frozen=True)
class Shot:
    """One picture of a page.

    `who` is a role, whose busiest holder looks, or RESIDENT. `first` is done on the page before the picture
    and must do nothing in the demo but make a mistake: a form comes back, at most the attempt is audited.
    """

    name: str
    who: str
    address: Address
    first: First | None = None
    status: int = 200
    cookies: dict[str, str] = field(default_factory=dict)


def shots(who: str, pages: Mapping[str, Address | tuple[Address, First]]) -> list[Shot]:
    """What a role looks at: by name the address, with what is done there first if anything."""
    return [Shot(name, who, *(page if isinstance(page, tuple) else (page,))) for name, page in pages.items()]


def again(listed: Iterable[Shot], word: str, cookies: dict[str, str], *names: str) -> list[Shot]:
    """Some of the pages listed once more, with these cookies: NAME-WORD."""
    by_name = {shot.name: shot for shot in listed}
    return [replace(by_name[name], name=f"{name}-{word}", cookies=cookies) for name in names]


# ---- cases to look at


def case(where: State | Q, act: str = "", *, face: str = "console", mine: bool = False) -> Address:
    """The page of a case the person sees (or has to do with), or of an act they can do on it.

    In time if there is one, and rich in photos.
    """

    def address(looker: Looker) -> str:
        wanted = where if isinstance(where, Q) else Q(state=where)
        found = Case.objects.visible_to(looker.actor).filter(wanted)
        if mine and looker.actor is not None:
            found = found.filter(todo(looker.actor))
        rich = found.annotate(late=_is(LATE), photos=Count("events__photos"))
        for best in rich.order_by("late", "-photos", "-seq", "-reported_at")[:TRIED]:
            if not act or _can(act, best, looker.actor):
                break
        else:
            raise LookupError(f"The demo holds no case for {where}.")
        args = [best.number, act] if act else [best.number]
        return reverse(f"{face}:{'act' if act else 'case'}", args=args)

    return address


def _can(act: str, case: Case, actor: Actor | None) -> bool:
    return actor is not None and act in {one.code for one in allowed_acts(case, actor, at=timezone.now())}


def _is(condition: Q) -> db.Case:
    """1 where it holds, else 0."""
    return db.Case(db.When(condition, then=db.Value(1)), default=db.Value(0))


def dispatching(looker: Looker) -> str:
    """Three cases ticked for dispatch."""
    waiting = Case.objects.visible_to(looker.actor).filter(state=State.FILED).order_by("due_at", "id")
    chosen = "&".join(f"case={number}" for number in waiting.values_list("number", flat=True)[:3])
    return f"{reverse('console:many')}?act=dispatch&{chosen}"


def several(looker: Looker) -> str:
    """Three cases ticked, and no act chosen yet."""
    return dispatching(looker).replace("act=dispatch&", "")


def paper(looker: Looker) -> str:
    """The sheet of the newest closed case."""
    closed = Case.objects.visible_to(looker.actor).filter(state=State.CLOSED)
    return reverse("console:print", args=[closed.latest("closed_at").number])


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


def asked(where: State | Q, page: str = "portal:progress") -> Address:
    """A report as its asker follows it; the session is told so, as if the code had been typed."""

    def address(looker: Looker) -> str:
        key = open_for(looker.session, _asker(where), at=timezone.now())
        return reverse(page, args=[key])

    return address


def _asker(where: State | Q) -> Asker:
    """Somebody who waits for a case in this state, or of whom this holds; for one in time if there is any."""
    chosen = where if isinstance(where, Q) else Q(case__state=where)
    askers = Asker.objects.filter(chosen, withdrawn_at=None).annotate(late=_is(Q(case__due_at__lt=Now())))
    best = askers.order_by("late", "-case__seq", "-pk").first()
    if best is None:
        raise LookupError(f"Nobody in the demo waits for a case with {where}.")
    return best


def thanks(looker: Looker) -> str:
    """The page after a report; the code on it is none."""
    at = timezone.now()
    asker = _asker(State.REPORTED)
    key = open_for(looker.session, asker, at=at)
    code = f"{CODE_ALPHABET[8:13]}-{CODE_ALPHABET[18:23]}"
    remember(looker.session, report=asker.case_id, code=code, key=key, at=at)
    return reverse("portal:done", args=[asker.case_id])


def stuck(page: str = "accountability:way") -> Address:
    """The way of a case handled past its limit, or the form for a finding about whom that was."""

    def address(looker: Looker) -> str:
        late = Clock.objects.filter(kind="handle", ended_at__isnull=False, used__gt=F("seconds"))
        found = Case.objects.visible_to(looker.actor).filter(pk__in=late.values("case")).order_by("-seq")[:20]
        for one in found:
            way = stretches(one, events_of(one), at=timezone.now())
            part = next((stretch for stretch in way if stretch.grant == "handle" and stretch.late), None)
            if part is not None:
                return reverse(page, args=[one.number, *([part.key] if page.endswith("record") else [])])
        raise LookupError("The demo holds no case that was handled late.")

    return address


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


def paste_list(page: "Page") -> None:
    """A year's list with one line that cannot be right."""
    page.locator("#id_text").fill(
        "日期,休/班,名称\n2027-01-01,休,元旦\n2027-02-06 至 2027-02-12,休,春节\n2027-02-31,休,写错的一天"
    )
    page.get_by_role("button", name="先预览").click()


def change_rules(page: "Page") -> None:
    """A rule changed, and what that would touch."""
    page.get_by_label("受理立案", exact=True).fill("45")
    page.get_by_role("button", name="先看影响").click()


def clocks_of(where: State | Q) -> Address:
    """How the limits of a case are counted."""
    address = case(where)
    assert callable(address)
    return lambda looker: f"{address(looker)}clocks/"


# ---- the pages, by who looks

CLERK, DISPATCHER, LEADER, HEAD, WORKER = "desk_clerk", "dispatcher", "approver", "agency_head", "grid_worker"
SYSTEM = "system_admin"

ENTRANCE = (
    *shots(RESIDENT, {
        "sign-in": "/accounts/login/",
        "sign-in-wrong": ("/accounts/login/", wrong_password),
        "password-forgotten": "/accounts/password/reset/",
        "account-closed": "/accounts/inactive/",
        "no-sign-up": "/accounts/signup/",
        "api-reference": "/api/docs",
    }),
    *shots(CLERK, {
        "sign-out": "/accounts/logout/",
        "password": "/accounts/password/change/",
        "two-steps": "/accounts/2fa/",
        "two-steps-again": "/accounts/2fa/totp/activate/",
    }),
    Shot("not-found", CLERK, "/desk/cases/0000-00-0000/", status=404),
    Shot("not-found-resident", RESIDENT, "/no-such-page/", status=404),
    Shot("not-for-your-post", CLERK, "/desk/settings/people/", status=403),
)  # fmt: skip

DESK = (
    *shots(CLERK, {
        "desk-today": "/desk/",
        "cases-mine": "/desk/cases/",
        "cases-intake-panel": "/desk/cases/?stage=intake&case=first",
        "cases-newest": "/desk/cases/?stage=all&case=first",
        "cases-closed": "/desk/cases/?stage=closed",
        "cases-nothing-fits": "/desk/cases/?stage=all&q=没有这样的事",
        "new-case": "/desk/cases/new/",
        "new-case-proposed": ("/desk/cases/new/", describe),
        "new-case-wrong": ("/desk/cases/new/", press("登记")),
        "territory-street": "/desk/territory/",
        "notices": "/desk/notices/",
        "notices-how": "/desk/notices/how/",
        "search": "/desk/search/?q=井盖",
        "saved-filters": "/desk/filters/",
        "phrases": "/desk/phrases/",
        "phrase-wrong": ("/desk/phrases/", press("保存常用语")),
        "handover": "/desk/handover/",
        "keys": "/desk/keys/",
        "case-sheet": paper,
    }),
    *shots(DISPATCHER, {
        "cases-panel": "/desk/cases/?stage=dispatch&case=first",
        "cases-ticked": ("/desk/cases/?stage=dispatch", tick_two),
        "dispatch-many": dispatching,
        "several-at-once": several,
    }),
    *shots(LEADER, {
        "desk-today-leader": "/desk/",
        "cases-overdue": "/desk/cases/?stage=overdue",
        "cases-bank": "/desk/cases/?stage=bank&case=first",
        "cases-all": "/desk/cases/?stage=all",
        "map": "/desk/map/",
        "map-panel": ("/desk/map/?stage=overdue", first_point),
        "territory": "/desk/territory/",
    }),
    *shots(HEAD, {"desk-today-agency": "/desk/", "cases-agency": "/desk/cases/"}),
    *shots(SYSTEM, {"desk-today-system": "/desk/"}),
)  # fmt: skip

CASES = (
    *shots(CLERK, {
        "case-reported": case(State.REPORTED),
        "case-closed": case(State.CLOSED),
        "case-contact": (case(Q(askers__phone_index__isnull=False)), open_details("查看联系")),
        "act-file": (case(State.REPORTED, "file"), type_matter),
        "act-ask-check": case(State.REPORTED, "ask_check"),
        "act-refuse": case(State.REPORTED, "refuse"),
        "act-merge": case(State.REPORTED, "merge"),
    }),
    *shots(DISPATCHER, {"case-filed": case(State.FILED), "act-dispatch": case(State.FILED, "dispatch")}),
    *shots(LEADER, {
        "case-checking": case(State.CHECKING),
        "case-dispatched": case(State.DISPATCHED),
        "case-handling": case(State.HANDLING),
        "case-clocks": clocks_of(State.HANDLING),
        "when-due": "/desk/due/?way=limit&amount=3&unit=work_days&start=2026-12-30T15:00",
        "when-due-matter": "/desk/due/",
        "case-overdue": case(LATE & Q(state=State.HANDLING)),
        "case-verifying": case(State.VERIFYING),
        "case-reworked": case(Q(reworks__gt=0)),
        "case-refused": case(State.REFUSED),
        "case-merged": case(State.MERGED),
        "case-archived": case(State.ARCHIVED),
        "case-asked": case(Q(open_request="extension")),
        "case-suspended": case(State.SUSPENDED),
        "case-banked": case(State.BANKED),
        "case-parts": case(Q(state=State.HANDLING, parts__role="co_handler")),
        "case-whistle": case(Q(state=State.HANDLING, parts__role="summoned")),
        "case-supervised": case(Q(supervised=True)),
        "case-menu": (case(State.HANDLING), open_details("更多")),
        "act-bank": case(State.HANDLING, "bank"),
        "act-bank-wrong": (case(State.HANDLING, "bank"), press("挂账")),
    }),
    *shots(DISPATCHER, {"act-whistle": case(State.HANDLING, "whistle")}),
    Shot("cases-to-decide", "leader_in_charge", "/desk/cases/?stage=decide&case=first"),
    *shots(HEAD, {
        "act-extension": case(State.HANDLING, "request_extension"),
        "act-co-handlers": case(State.HANDLING, "add_part"),
        "act-result": case(State.HANDLING, "report_result"),
        "act-result-wrong": (case(State.HANDLING, "report_result"), press("反馈结果")),
        "act-return": case(State.DISPATCHED, "request_return"),
    }),
)  # fmt: skip

RESPONSIBILITY = (
    *shots(LEADER, {
        "findings": "/desk/accountability/",
        "findings-nothing-fits": "/desk/accountability/?month=2020-01",
        "way": stuck(),
        "finding-record": stuck("accountability:record"),
        "finding-record-wrong": (stuck("accountability:record"), press("记录")),
        "stuck": "/desk/accountability/stuck/?period=year",
        "stuck-agencies": "/desk/accountability/stuck/?period=year&by=agency",
        "stuck-nothing": "/desk/accountability/stuck/?month=2020-01",
        "stuck-cases": "/desk/accountability/stuck/cases/?period=year&stage=handle",
    }),
)  # fmt: skip

SETTINGS = (
    *shots(SYSTEM, {
        "settings": "/desk/settings/",
        "settings-people": "/desk/settings/people/",
        "settings-person": person,
        "settings-new-person": "/desk/settings/people/new/",
        "settings-vacancies": "/desk/settings/people/vacant/",
        "settings-give-post": "/desk/settings/posts/new/",
        "settings-agencies": "/desk/settings/agencies/",
        "settings-agency": agency,
        "settings-new-agency": "/desk/settings/agencies/new/",
        "settings-roles": "/desk/settings/roles/",
        "settings-role": f"/desk/settings/roles/{WORKER}/",
        "settings-new-role": "/desk/settings/roles/new/",
        "settings-areas": "/desk/settings/areas/",
        "settings-calendar": "/desk/settings/calendar/",
        "settings-year": "/desk/settings/calendar/years/2026/",
        "settings-year-unlisted": "/desk/settings/calendar/years/2027/",
        "settings-year-list": ("/desk/settings/calendar/years/2027/list/", paste_list),
        "settings-catalogue": "/desk/settings/catalogue/",
        "settings-version": version,
        "settings-matter": matter,
        "settings-responsibility": "/desk/settings/responsibility/",
        "settings-rules": "/desk/settings/rules/",
        "settings-rules-compared": "/desk/settings/rules/?preset=district_centre",
        "settings-rules-edit": "/desk/settings/rules/edit/",
        "settings-rules-look": ("/desk/settings/rules/edit/", change_rules),
        "settings-rules-version": "/desk/settings/rules/versions/1/",
        "settings-outbox": "/desk/settings/outbox/",
        "settings-sending": "/desk/settings/sending/",
    }),
    *shots("audit_admin", {"settings-audit": "/desk/settings/audit/"}),
    *shots("security_admin", {"settings-keys": "/desk/settings/keys/"}),
)  # fmt: skip

FIELD = (
    *shots(WORKER, {
        "field-today": "/field/",
        "field-grid": "/field/grid/",
        "field-messages": "/field/messages/",
        "field-me": "/field/me/",
        "field-mine": "/field/mine/",
        "field-map": "/field/map/",
        "field-report": "/field/report/",
        "field-report-matter": ("/field/report/", type_matter),
        "field-report-wrong": ("/field/report/", press("上报")),
        "field-solve": "/field/solve/",
        "field-case-verify": case(State.VERIFYING, face="field", mine=True),
        "field-verify": case(State.VERIFYING, "verify", face="field", mine=True),
    }),
    *shots(HEAD, {
        "field-today-agency": "/field/",
        "field-case-handle": case(State.HANDLING, face="field"),
        "field-result": case(State.HANDLING, "report_result", face="field"),
        "field-assign": case(State.HANDLING, "assign", face="field"),
        "field-case-parts": case(Q(shared=True), face="field"),
        "field-arrive": case(State.HANDLING, "arrive", face="field"),
        "field-extension": case(
            Q(state=State.HANDLING, open_request="") & ~LATE, "request_extension", face="field"
        ),
    }),
)  # fmt: skip

PORTAL = shots(RESIDENT, {
    "home": "/",
    "here": "/here/",
    "report": "/report/",
    "report-address": ("/report/", look_up),
    "report-place": ("/report/", pick_on_map),
    "report-wrong": ("/report/", press("提交")),
    "thanks": thanks,
    "track": "/track/",
    "track-wrong": ("/track/", press("看进展")),
    "progress-handling": asked(State.HANDLING),
    "progress-closed": asked(Q(case__state=State.CLOSED, ratings=None)),
    "progress-rated": asked(Q(case__state=State.CLOSED, ratings__stars__gte=4)),
    "progress-refused": asked(State.REFUSED),
    "progress-again": asked(Q(case__reopenings__gt=0)),
    "add": asked(State.HANDLING, "portal:add"),
    "withdraw": asked(State.REPORTED, "portal:withdraw"),
})  # fmt: skip

AS_LISTED = (*ENTRANCE, *DESK, *CASES, *RESPONSIBILITY, *SETTINGS, *FIELD, *PORTAL)
PAGES: tuple[Shot, ...] = (
    *AS_LISTED,
    *again(
        AS_LISTED, "english", ENGLISH, "sign-in", "cases-panel", "case-handling", "home", "progress-handling"
    ),
    *again(AS_LISTED, "elder", ELDER, "home", "report", "progress-handling"),
)

# The pictures of the README, by the name of the shot and whether it is the phone's.
DOCS: dict[str, tuple[str, bool]] = {
    "queue": ("cases-newest", False),
    "case": ("case-closed", False),
    "map": ("map", False),
    "phone": ("field-today", True),
    "progress": ("progress-handling", True),
}

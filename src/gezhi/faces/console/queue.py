"""The lists of cases: tabs by stage, a filter that reads as a sentence, pages by keyset, a side panel."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.panel import panel_of
from gezhi.faces.console.reads import RailCounts, TabCounts, tab_counts
from gezhi.faces.console.saved import opening, saved_for
from gezhi.faces.console.selection import likely
from gezhi.faces.look.cases.rows import rows_of
from gezhi.foundation.audit.errors import NotFound
from gezhi.work.cases.queries import CasePage, Filter, case_for, page_of
from gezhi.work.cases.states import Source
from gezhi.work.matters.models import MatterItem, MatterKind

TABS: tuple[tuple[str, Promise], ...] = (
    ("mine", pgettext_lazy("tab", "For me")),
    ("decide", pgettext_lazy("tab", "To decide")),
    ("intake", pgettext_lazy("tab", "Intake")),
    ("dispatch", pgettext_lazy("tab", "To dispatch")),
    ("sign", pgettext_lazy("tab", "To sign")),
    ("handling", pgettext_lazy("tab", "In hand")),
    ("bank", pgettext_lazy("tab", "Problem bank")),
    ("verify", pgettext_lazy("tab", "To verify")),
    ("overdue", pgettext_lazy("tab", "Overdue")),
    ("closed", pgettext_lazy("tab", "Closed")),
    ("ended", pgettext_lazy("tab", "Ended")),
    ("all", pgettext_lazy("tab", "All")),
)
ACTIVE_TAB = ("active", pgettext_lazy("tab", "Under way"))  # a tab only where an address asks for it
BEFORE_AN_AGENCY = ("intake", "dispatch")  # who works for an agency alone never sees a case there
DECIDES = {"approve", "appraise", "dispatch"}  # grants of who decides on requests
ORDERS: tuple[tuple[str, Promise], ...] = (
    ("due", _("least time left")),
    ("new", _("newest")),
)
MOSTLY_ENDED = ("closed", "ended", "all")
SAYS_THE_STATE = ("intake", "dispatch", "sign", "closed")  # tabs whose cases all stand alike
PAGE = 50
EXPORTED = 20_000  # rows of a list that fit into one file
FIRST = "first"  # `?case=first` opens the panel on whatever stands at the top


@dataclass(frozen=True)
class Asked:
    """What the address of a list asks for."""

    wanted: Filter
    case: str
    words: dict[str, str]  # the parameters as they came, without area, page and panel

    @property
    def filtered(self) -> bool:
        """Whether anything but stage, order and area narrows the list."""
        return any(self.words.get(name) for name in ("q", "matter", "source"))


def asked(desk: Desk) -> Asked:
    """Read the address; unknown words count as not said."""
    given = desk.request.GET
    words = {name: given.get(name, "").strip() for name in ("stage", "matter", "source", "order", "q")}
    if words["stage"] not in {code for code, _label in tabs_for(desk)} | {ACTIVE_TAB[0]}:
        words["stage"] = ""
    if words["source"] not in Source.values:
        words["source"] = ""
    if words["order"] not in dict(ORDERS):
        words["order"] = ""
    kind, _colon, code = words["matter"].partition(":")
    if kind not in MatterKind.values:
        words["matter"], kind, code = "", "", ""
    wanted = Filter(
        stage=words["stage"],
        area_path=desk.scope.path,
        item_kind=kind,
        item_code=code,
        source=words["source"],
        text=words["q"][:80],
        order=words["order"],
        after=_key(given.get("after", "")),
        limit=PAGE,
    )
    return Asked(wanted=wanted, case=given.get("case", ""), words={k: v for k, v in words.items() if v})


def tabs_for(desk: Desk) -> list[tuple[str, Promise]]:
    """The stages this desk can see cases in."""
    by_agency = all(seat.sees == "agency" for seat in desk.actor.seats)
    hidden = set(BEFORE_AN_AGENCY) if by_agency else set()
    if not desk.grants & DECIDES:
        hidden.add("decide")
    return [tab for tab in TABS if tab[0] not in hidden]


@require_safe
@at_desk
def cases(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The list, whole or (`part=rows`, for htmx) its next page only."""
    if address := opening(desk):
        return redirect(address)
    said = asked(desk)
    counts = tab_counts(desk.actor, said.wanted, at=desk.at)
    wanted = _settled(said, counts)
    page = page_of(desk.actor, wanted, at=desk.at)
    context = _list_context(desk, said, wanted, page, counts)
    if desk.htmx and request.GET.get("part") == "rows":
        return desk.part("console/parts/rows.html", context)
    if said.case:
        context |= _opened(desk, said, page)
    rail = None if said.filtered else RailCounts(mine=counts.tabs["mine"], active=counts.tabs["active"])
    return desk.page("console/cases.html", context, on="cases", rail=rail)


@require_safe
@at_desk
def panel(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The side panel alone; without htmx there is no panel alone, so the case itself is shown."""
    if not desk.htmx:
        return HttpResponse(status=303, headers={"Location": desk.url("case", number)})
    if request.GET.get("close"):
        return HttpResponse("")
    case = case_for(desk.actor, number)
    to_map = desk.own(request.GET.get("next", ""))  # a map asks to come back to the map
    shown = {
        "panel": panel_of(desk, case, back=to_map or _back(desk)),
        "here_url": to_map or _address(desk, asked(desk).words),
    }
    return desk.part("console/parts/panel.html", shown)


def _settled(said: Asked, counts: TabCounts) -> Filter:
    """Without a stage in the address: what waits for me, if anything does, else everything.

    Without an order: what is under way by its clock, everything else the newest first.
    """
    stage = said.wanted.stage
    if not stage:
        stage = "mine" if counts.tabs["mine"] and not said.words.get("q") else "all"
    order = said.wanted.order or ("new" if stage in MOSTLY_ENDED else "due")
    return replace(said.wanted, stage=stage, order=order)


def _key(after: str) -> str:
    """The key of a page as `page_of` made it; anything else is no page of ours."""
    if not after:
        return ""
    moment, _tilde, last = after.partition("~")
    try:
        UUID(last)
        if moment:
            datetime.fromisoformat(moment)
    except ValueError:
        raise NotFound from None
    return after


def _list_context(
    desk: Desk, said: Asked, wanted: Filter, page: CasePage, counts: TabCounts
) -> dict[str, Any]:
    here = {**said.words, "stage": wanted.stage}
    open_end = ("ended", "all") if counts.capped else ()
    return {
        "tabs": [
            (code, label, counts.tabs[code], _address(desk, {**said.words, "stage": code}), code in open_end)
            for code, label in [*tabs_for(desk), *([ACTIVE_TAB] if wanted.stage == "active" else [])]
        ],
        "stage": wanted.stage,
        "counts": counts,
        "rows": rows_of(page.rows, at=desk.at, actor=desk.actor),
        "next_url": _address(desk, {**here, "after": page.next_key}) if page.next_key else "",
        "first_url": _address(desk, here) if wanted.after else "",
        "here_url": _address(desk, here),
        "shows_state": wanted.stage not in SAYS_THE_STATE,
        "selects": wanted.stage != "ended",
        "bulk": likely(page.rows, desk.actor),
        "saved": saved_for(desk, {**here, "area": desk.request.GET.get("area", "")}),
        "exports": [
            ("Excel", desk.url("export", "xlsx", **here)),
            ("CSV", desk.url("export", "csv", **here)),
        ],
        "cut": EXPORTED if wanted.stage in open_end or counts.tabs[wanted.stage] > EXPORTED else 0,
        "live_url": desk.url("live", tabs=1, **here),
        "filter": wanted,
        "filtered": said.filtered,
        "matters": MatterKind.choices,
        "matter": said.words.get("matter", ""),
        "matter_name": _item_name(wanted),
        "sources": Source.choices,
        "orders": ORDERS,
        "order": said.words.get("order", ""),
        "query": said.words.get("q", ""),
    }


def _item_name(wanted: Filter) -> str:
    """What the item is called that an address asks for by its code."""
    if not wanted.item_code:
        return ""
    items = MatterItem.objects.filter(kind=wanted.item_kind, code=wanted.item_code)
    newest = items.order_by("-version__number").first()
    return newest.shown if newest else wanted.item_code


def _opened(desk: Desk, said: Asked, page: CasePage) -> dict[str, Any]:
    """The panel of a list that opens with one; a case gone from view leaves it shut."""
    number = said.case
    if number == FIRST:
        number = page.rows[0].number if page.rows else ""
    try:
        case = case_for(desk.actor, number)
    except NotFound:
        return {}
    return {"panel": panel_of(desk, case, back=_back(desk)), "opened": case.number}


def _back(desk: Desk) -> str:
    """Where an act done in the panel leads: the same list, open on what is now at its top."""
    words = asked(desk).words
    return _address(desk, {**words, "case": FIRST})


def _address(desk: Desk, params: dict[str, str]) -> str:
    given = {"area": desk.request.GET.get("area", ""), **params}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{reverse('console:cases')}?{query}" if query else reverse("console:cases")

"""Statistics of stuck places: a sentence of filters, bars and a table, the cases behind each figure, CSV."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from gezhi.faces.console.accountability.findings import month_of
from gezhi.faces.console.accountability.words import limit_line
from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.look.cases.rows import title_of
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import NotAllowed
from gezhi.foundation.ids import id_in
from gezhi.oversight.accountability import queries, services, stuck
from gezhi.oversight.accountability.queries import month_bounds
from gezhi.oversight.accountability.stuck import NO_AGENCY, Figures, StuckFilter
from gezhi.work.cases.clocks import used_by
from gezhi.work.cases.states import ClockKind, State
from gezhi.work.matters.models import MatterItem, MatterKind

BARS = 12
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BY: tuple[tuple[str, Promise], ...] = (
    ("stage", pgettext_lazy("stuck by", "stage")),
    ("agency", pgettext_lazy("stuck by", "agency")),
    ("item", pgettext_lazy("stuck by", "matter")),
    ("area", pgettext_lazy("stuck by", "area")),
    ("month", pgettext_lazy("stuck by", "month")),
)
PERIODS: tuple[tuple[str, Promise], ...] = (
    ("30days", gettext_lazy("the last 30 days")),
    ("month", gettext_lazy("this month")),
    ("last", gettext_lazy("last month")),
    ("quarter", gettext_lazy("this quarter")),
    ("year", gettext_lazy("this year")),
)
WHAT: Mapping[str, Promise] = {
    "over": gettext_lazy("with a limit passed"),
    "undecided": gettext_lazy("with a request undecided past due"),
    "summons": gettext_lazy("with a department that reported in late"),
    "returns": gettext_lazy("that were given back"),
    "reworks": gettext_lazy("that were reworked"),
    "forced": gettext_lazy("closed by force"),
    "excluded": gettext_lazy("excluded by decision"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `words` as it came, without area and page."""

    wanted: StuckFilter
    by: str
    period: str
    words: dict[str, str]


@dataclass(frozen=True)
class Place:
    """One line of the table. `links` lead from a figure to the cases behind it, `url` to the statistics of
    this place alone; `bar` is of a hundred."""

    name: str
    figures: Figures
    late: str
    bar: float
    links: dict[str, str]
    url: str


def asked_of(desk: Desk) -> Asked:
    """Read the address; unknown words count as not said. A month in figures wins over the period."""
    given = {
        name: desk.request.GET.get(name, "").strip()
        for name in ("by", "period", "month", "stage", "agency", "item")
    }
    by = given["by"] if given["by"] in dict(BY) else "stage"
    period = given["period"] if given["period"] in dict(PERIODS) else "30days"
    month = month_of(given["month"])
    since, until = month_bounds(month) if month else _bounds(period, localdate(desk.at))
    kind, _colon, code = given["item"].partition(":")
    known = kind in MatterKind.values and bool(code)
    wanted = StuckFilter(
        since=since,
        until=until,
        area_path=desk.scope.path,
        stage=given["stage"] if given["stage"] in ClockKind.values else "",
        agency_id=NO_AGENCY if given["agency"] == "none" else id_in(given["agency"]),
        item_kind=kind if known else "",
        item_code=code[:4] if known else "",
    )
    said = {
        "by": by,
        "period": "" if month else period,
        "month": f"{month:%Y-%m}" if month else "",
        "stage": wanted.stage,
        "agency": given["agency"] if wanted.agency_id else "",
        "item": given["item"] if known else "",
    }
    return Asked(wanted, by, "" if month else period, {name: text for name, text in said.items() if text})


def _bounds(period: str, today: date) -> tuple[datetime, datetime]:
    """From-until of a period in words, up to the end of today."""
    first = today.replace(day=1)
    begin = {
        "30days": today - timedelta(days=29),
        "month": first,
        "last": (first - timedelta(days=1)).replace(day=1),
        "quarter": date(today.year, (today.month - 1) // 3 * 3 + 1, 1),
        "year": date(today.year, 1, 1),
    }[period]
    end = first if period == "last" else today + timedelta(days=1)
    return _midnight(begin), _midnight(end)


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))


@require_safe
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The statistics."""
    asked = asked_of(desk)
    found = stuck.statistics(desk.actor, asked.wanted, by=asked.by, at=desk.at)
    rows = _rows(desk, asked, found)
    worst = sorted((row for row in rows if row.figures.over), key=lambda row: -row.figures.over)
    context = {
        **_frame(desk, asked),
        "rows": rows,
        "bars": rows if asked.by in ("stage", "month") else worst[:BARS],
        "stuck_anywhere": bool(worst),
        "total": found.total,
        "total_late": hours(found.total.late),
        "total_links": _links(desk, asked, {}),
        "capped": found.capped,
        "most": stuck.MOST_RUNNING,
        "export_url": _address(desk, "stuck_export", asked.words),
    }
    return desk.page("console/accountability/stuck.html", context, on="accountability")


def _frame(desk: Desk, asked: Asked) -> dict[str, Any]:
    """The sentence of filters and what it says."""
    wanted = asked.wanted
    return {
        "asked": asked,
        "bys": BY,
        "by_label": dict(BY)[asked.by],
        "periods": PERIODS,
        "stages": [choice for choice in ClockKind.choices if choice[0] != ClockKind.WHOLE],
        "since": wanted.since,
        "until": wanted.until - timedelta(seconds=1),
        "agency": _agency_name(wanted.agency_id),
        "item": _item_names([(wanted.item_kind, wanted.item_code)]).get(
            f"{wanted.item_kind}:{wanted.item_code}", ""
        ),
        "filtered": bool(asked.words.keys() & {"stage", "agency", "item", "month"}),
        "clear_url": _address(desk, "stuck", {"by": asked.by}),
        "reads_findings": queries.reads_findings(desk.actor),
    }


def _agency_name(ident: int) -> str:
    if ident == NO_AGENCY:
        return str(_desks())
    found = Agency.objects.filter(pk=ident).first() if ident else None
    return found.shown if found else ""


def _desks() -> str:
    return pgettext("stuck", "Desks and people outside the agencies")


def _rows(desk: Desk, asked: Asked, found: stuck.Stuck) -> list[Place]:
    places = list(stuck.in_order(found, asked.by))
    names = _names(asked, [key for key, _figures in places])
    most = max((figures.over for _key, figures in places), default=0)
    return [
        Place(
            name=names.get(key, key),
            figures=figures,
            late=hours(figures.late),
            bar=round(figures.over * 100 / most, 1) if most else 0,
            links=_links(desk, asked, narrowed(asked, key)),
            url=_alone(desk, asked, narrowed(asked, key)),
        )
        for key, figures in places
    ]


def _names(asked: Asked, keys: list[str]) -> dict[str, str]:
    """What the places are called."""
    if asked.by == "stage":
        return {kind: str(label) for kind, label in ClockKind.choices}
    if asked.by == "agency":
        ids = [int(key) for key in keys if key.isdecimal()]
        found = {str(pk): one.shown for pk, one in Agency.objects.in_bulk(ids).items()}
        return {**found, "-": _desks()}
    if asked.by == "item":
        return {
            **_item_names(tuple(key.split(":", 1)) for key in keys if ":" in key),
            "-": _("not classified yet"),
        }
    if asked.by == "area":
        areas = Area.objects.filter(path__in=keys)
        return {area.path: area.shown for area in areas} | _itself(asked)
    return {}


def _itself(asked: Asked) -> dict[str, str]:
    """What cases are called that lie at this area itself, in none of those below."""
    here = Area.objects.filter(path=asked.wanted.area_path).first()
    words = pgettext("stuck", "%(name)s itself")
    return {here.path: words % {"name": here.shown}} if here else {"-": pgettext("stuck", "elsewhere")}


def _item_names(keys: Iterable[Any]) -> dict[str, str]:
    codes = {(kind, code) for kind, code in keys if code}
    items = MatterItem.objects.filter(kind__in={k for k, _c in codes}, code__in={c for _k, c in codes})
    return {item.key: item.shown for item in items.order_by("version__number")}


def narrowed(asked: Asked, key: str) -> dict[str, str] | None:
    """The words of an address about one place alone; None where no filter can say it."""
    if asked.by == "stage":
        return {"stage": key}
    if asked.by == "agency":
        return {"agency": "none" if key == "-" else key}
    if asked.by == "month":
        return {"month": key}
    if asked.by == "item":
        return {"item": key} if key != "-" else None
    if key in ("-", asked.wanted.area_path):
        return None
    return {"area": key.rstrip("/").rpartition("/")[2]}


def _links(desk: Desk, asked: Asked, more: dict[str, str] | None) -> dict[str, str]:
    """By figure the address of the cases behind it."""
    if more is None:
        return {}
    return {what: _address(desk, "stuck_cases", {**asked.words, **more, "what": what}) for what in WHAT}


def _alone(desk: Desk, asked: Asked, more: dict[str, str] | None) -> str:
    """The statistics of one place alone: of a stage by agency, of anything else by stage."""
    by = "agency" if asked.by == "stage" else "stage"
    return _address(desk, "stuck", {**asked.words, **more, "by": by}) if more else ""


def _address(desk: Desk, name: str, words: Mapping[str, str]) -> str:
    given = {"area": desk.request.GET.get("area", ""), **words}
    query = urlencode({key: text for key, text in given.items() if text})
    return f"{reverse(f'accountability:{name}')}?{query}"


def hours(seconds: int) -> str:
    """Hours with one decimal: late time adds up in each limit's own kind of time, so days would mislead."""
    return f"{seconds / 3600:,.1f}"


@require_safe
@at_desk
def behind(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases behind a figure, with the limits that were passed."""
    asked = asked_of(desk)
    what = request.GET.get("what", "")
    what = what if what in WHAT else "over"
    after = request.GET.get("after", "")[:20]
    found = stuck.cases_behind(desk.actor, asked.wanted, what=what, at=desk.at, after=after)
    rows = [
        {
            "case": case,
            "title": title_of(case),
            "state": State(case.state).label,
            "lines": [
                limit_line(
                    clock.kind,
                    used_by(clock, desk.at),
                    clock.seconds,
                    working=clock.working,
                    running=clock.ended_at is None,
                    on=clock.started_at,
                )
                for clock in clocks
            ],
        }
        for case, clocks in found.rows
    ]
    more = {**asked.words, "what": what}
    context = {
        **_frame(desk, asked),
        "rows": rows,
        "what": WHAT[what],
        "back": _address(desk, "stuck", asked.words),
        "next_url": _address(desk, "stuck_cases", {**more, "after": found.next_key})
        if found.next_key
        else "",
        "first_url": _address(desk, "stuck_cases", more) if after else "",
    }
    return desk.page("console/accountability/stuck_cases.html", context, on="accountability")


@require_safe
@at_desk
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The table as CSV, times in hours; that it left is on record."""
    if not stuck.reads_statistics(desk.actor):
        raise NotAllowed
    asked = asked_of(desk)
    found = stuck.statistics(desk.actor, asked.wanted, by=asked.by, at=desk.at)
    out = StringIO()
    sheet = csv.writer(out)
    sheet.writerow(_heads(asked))
    for row in _rows(desk, asked, found):
        sheet.writerow([_plain(row.name), *_cells(row.figures)])
    sheet.writerow([pgettext("stuck", "All together"), *_cells(found.total)])
    services.note_export(actor=desk.actor, at=desk.at, detail={**asked.words, "area": asked.wanted.area_path})
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"stuck-{asked.by}-{asked.wanted.since:%Y%m%d}-{localdate(desk.at):%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _heads(asked: Asked) -> list[str]:
    return [
        str(dict(BY)[asked.by]),
        pgettext("stuck", "Spans"),
        pgettext("stuck", "Over limit"),
        pgettext("stuck", "Share over limit, %"),
        pgettext("stuck", "Median of used / limit, %"),
        pgettext("stuck", "90th percentile of used / limit, %"),
        pgettext("stuck", "Late hours"),
        pgettext("stuck", "Returns"),
        pgettext("stuck", "Reworks"),
        pgettext("stuck", "Undecided past due"),
        pgettext("stuck", "Late summons"),
        pgettext("stuck", "Cases"),
        pgettext("stuck", "Excluded"),
        pgettext("stuck", "Closed by force"),
    ]


def _cells(one: Figures) -> list[Any]:
    return [
        one.spans, one.over, one.share, one.median, one.p90, round(one.late / 3600, 1), one.returns,
        one.reworks, one.undecided, one.summons, one.cases, one.excluded, one.forced,
    ]  # fmt: skip


def _plain(name: str) -> str:
    """A name no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(FORMULA_STARTS) else name

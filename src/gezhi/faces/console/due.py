"""When is it due, and why then: a limit worked out without a case, and the clocks of a case day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.reads import RailCounts
from gezhi.faces.look.cases.clocks import label_of, view_of
from gezhi.faces.look.cases.rows import title_of
from gezhi.faces.look.matters import ConditionInput
from gezhi.faces.look.words import span
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.foundation.clocks import queries as calendar
from gezhi.foundation.clocks.counting import DayCount
from gezhi.foundation.clocks.queries import DaySource
from gezhi.foundation.clocks.rules import describe
from gezhi.foundation.ids import id_in
from gezhi.work.cases import queries
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Clock
from gezhi.work.cases.reckoning import Reckoning, Segment, Stretch, reckoning_of
from gezhi.work.cases.rulebook import UNITS, parse_limit
from gezhi.work.cases.states import ClockKind
from gezhi.work.cases.whatif import MOST_AMOUNT, Forecast, forecast, forecast_limit
from gezhi.work.matters.models import Condition

FIRST, LAST = 2000, 2100
WAYS = [
    ("matter", gettext_lazy("a case of a matter")),
    ("limit", gettext_lazy("a limit I give")),
]
STRETCHES = {
    Stretch.RAN: pgettext_lazy("clock", "Ran"),
    Stretch.RESTED: pgettext_lazy("clock", "Stood still"),
    Stretch.AHEAD: pgettext_lazy("clock", "Still to run"),
}


@dataclass(frozen=True)
class DayRow:
    """One day in words: what counted, or why it did not."""

    date: date
    hours: str
    counted: str
    total: str
    reason: str


@dataclass(frozen=True)
class ForecastRow:
    """One limit of the what-if page."""

    label: str
    limit: str
    told: Forecast
    days: list[DayRow]
    rests: int


@dataclass(frozen=True)
class SegmentRow:
    """One stretch of a clock's page."""

    label: str
    began_by: str
    segment: Segment
    counted: str
    days: list[DayRow]


class DueForm(forms.Form):
    """What is to be worked out: the limits of a matter, or one limit, from a moment on."""

    use_required_attribute = False
    way = forms.ChoiceField(choices=WAYS, widget=forms.RadioSelect, label=gettext_lazy("Work out"))
    start = forms.DateTimeField(
        label=gettext_lazy("If it begins at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    condition = forms.CharField(
        label=gettext_lazy("Matter"),
        widget=ConditionInput(finds=True),
        required=False,
        help_text=gettext_lazy("Without a matter the limits of the desks are shown alone."),
    )
    amount = forms.DecimalField(
        label=pgettext_lazy("limit", "Limit"),
        error_messages={"required": gettext_lazy("Give the limit.")},
        min_value=Decimal("0.01"),
        max_value=MOST_AMOUNT,
        decimal_places=2,
    )
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=list(UNITS.items()), initial="work_days")

    def clean_start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        if not FIRST <= timezone.localtime(start).year < LAST:
            raise forms.ValidationError(
                _("Choose a moment from %(first)s to %(last)s.") % {"first": FIRST, "last": LAST - 1}
            )
        return start

    def clean_condition(self) -> Condition | None:
        said = self.cleaned_data["condition"]
        if not said:
            return None
        found = Condition.objects.select_related("item").filter(pk=id_in(said)).first()
        if found is None:
            raise forms.ValidationError(_("Choose the matter and the condition it is filed under."))
        return found

    def full_clean(self) -> None:
        """The limit must be given where one is asked for; it never reads as optional."""
        own = (self.fields["amount"], self.fields["unit"])
        for one in own:
            one.required = self.data.get("way") == "limit"
        super().full_clean()
        for one in own:
            one.required = True


@require_safe
@at_desk
def when_due(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every limit of a case as if it began at a moment: half, 80 %, due, grace, and the days between."""
    asked = "start" in request.GET
    now = timezone.localtime(desk.at).replace(second=0, microsecond=0)
    form = DueForm(data=request.GET if asked else {"way": "matter", "start": f"{now:%Y-%m-%dT%H:%M}"})
    rows: list[ForecastRow] = []
    if desk.scope.area is not None and form.is_valid():
        try:
            rows = _forecasts(desk, form.cleaned_data)
        except GezhiError as error:
            form.add_error(None, str(next(iter(error.fields.values()), error.message)))
    years = sorted({year for row in rows for year in row.told.unlisted_years})
    context = {"form": form, "rows": rows, "area": desk.scope.area, "years": years, "asked": asked}
    rail = None if desk.works_on_cases else RailCounts(mine=0, active=0)
    status = 422 if form.errors else 200
    return desk.page("console/when_due.html", context, on="today", status=status, rail=rail)


@require_safe
@at_desk
def clocks(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """All clocks of a case, and how the first that runs is counted."""
    return _clock_page(desk, number, None)


@require_safe
@at_desk
def clock(request: HttpRequest, desk: Desk, number: str, clock_id: int) -> HttpResponse:
    """How one clock of a case is counted: why is it due then?"""
    return _clock_page(desk, number, clock_id)


def _clock_page(desk: Desk, number: str, clock_id: int | None) -> HttpResponse:
    case = queries.case_for(desk.actor, number)
    every = queries.clocks_of(case)
    shown = _shown(every, clock_id)
    context = {
        "case": case,
        "title": title_of(case),
        "clocks": [(one, view_of(one, at=desk.at)) for one in every],
        "shown": shown,
        "label": label_of(shown) if shown else "",
    }
    if shown is not None:
        told = reckoning_of(case=case, clock=shown, at=desk.at)
        context |= {
            "told": told,
            "view": view_of(shown, at=desk.at),
            "segments": [_segment(one) for one in told.segments],
            "sums": _sums(told),
        }
    return desk.page("console/clock.html", context, on="cases")


def _shown(every: list[Clock], clock_id: int | None) -> Clock | None:
    if clock_id is None:
        return next((one for one in every if one.ended_at is None), every[0] if every else None)
    found = next((one for one in every if one.pk == clock_id), None)
    if found is None:
        raise NotFound
    return found


def _forecasts(desk: Desk, said: dict[str, Any]) -> list[ForecastRow]:
    area = desk.scope.area
    assert area is not None
    if said["way"] == "limit":
        limit = parse_limit(f"{said['amount'].normalize():f} {said['unit']}")
        return [_row(forecast_limit(area=area, start=said["start"], limit=limit))]
    return [_row(one) for one in forecast(area=area, start=said["start"], condition=said["condition"])]


def _row(told: Forecast) -> ForecastRow:
    label = str(ClockKind(told.name).label) if told.name else pgettext("limit", "Limit")
    whole = told.name == ClockKind.WHOLE  # a sum of the others: it reads as a duration
    limit = hours_words(told.seconds) if whole else describe(told.limit)
    return ForecastRow(label, limit, told, day_rows(told.days), sum(day.rests for day in told.days))


def _segment(one: Segment) -> SegmentRow:
    return SegmentRow(
        label=str(STRETCHES[one.kind]),
        began_by=str(ACTS[one.act].label) if one.act in ACTS else "",
        segment=one,
        counted=hours_words(one.seconds) if one.kind != Stretch.RESTED else "",
        days=day_rows(one.days),
    )


def _sums(told: Reckoning) -> list[tuple[str, str]]:
    """The sum in words: limit, what was added, used, left or late."""
    found = [(_("The limit"), hours_words(told.clock.seconds))]
    if told.extended:
        found.append((_("of it by extension"), hours_words(told.extended)))
    found.append((_("Used"), hours_words(told.used)))
    if told.left < 0:
        found.append((_("Over the limit by"), hours_words(-told.left)))
    elif told.clock.ended_at is None:
        found.append((_("Left"), hours_words(told.left)))
    return found


def day_rows(days: Iterable[DayCount]) -> list[DayRow]:
    """Days in words, for a table."""
    return [
        DayRow(
            date=day.date,
            hours=pgettext("between items of a list", ", ").join(_hours(*one) for one in day.spans),
            counted=hours_words(day.seconds) if day.spans else "",
            total=hours_words(day.total_seconds) if day.total_seconds else "",
            reason="" if day.spans else _why_not(day),
        )
        for day in days
    ]


def hours_words(seconds: int) -> str:
    """Counted time in hours and minutes: days of it would be read as days of the wall calendar."""
    hours, minutes = divmod(seconds // 60, 60)
    said = [span(minutes * 60)] if minutes or not hours else []
    if hours:
        said.insert(0, ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours})
    return " ".join(said)


def _hours(since: datetime, until: datetime) -> str:
    begin, end = timezone.localtime(since), timezone.localtime(until)
    return f"{begin:%H:%M}–{'24:00' if end.date() > begin.date() else f'{end:%H:%M}'}"


def _why_not(day: DayCount) -> str:
    """Why a day did not count."""
    if not day.rests:
        return _("outside working hours")
    view = calendar.day_view(day.date)
    if view.source == DaySource.OVERRIDE:
        said = view.note or _("set here")
        return _("day off in this district: %(note)s") % {"note": said}
    return view.note or _("weekend")

"""The working calendar: a month with its official and own days, one day to set, the working hours."""

from datetime import date, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import FIRST, LAST, MomentField, SettingsForm, tried
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.faces.look.words import weekday
from gezhi.foundation.clocks import queries, services
from gezhi.foundation.clocks.queries import STANDARD_HOURS, DaySource, DayView
from gezhi.foundation.ids import id_in

PERIODS = 3


class DayForm(SettingsForm):
    """A day set by the district, or given back to the official list."""

    working = forms.ChoiceField(
        choices=[
            ("work", pgettext_lazy("calendar", "Working day")),
            ("rest", pgettext_lazy("calendar", "Day off")),
            ("list", pgettext_lazy("calendar", "As the official list says")),
        ],
        widget=forms.RadioSelect,
        label=gettext_lazy("This day is"),
    )
    note = forms.CharField(
        label=pgettext_lazy("calendar", "Note"),
        help_text=gettext_lazy("Why, for example: flood control on duty."),
        max_length=80,
        required=False,
    )


class HoursForm(SettingsForm):
    """Working periods from a day on."""

    since = MomentField(label=gettext_lazy("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, PERIODS + 1):
            for end, label in (("begin", gettext_lazy("Begin")), ("end", gettext_lazy("End"))):
                self.fields[f"{end}{number}"] = forms.TimeField(
                    label=label,
                    required=number == 1,
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                )

    def periods(self) -> list[tuple[time, time]]:
        said = self.cleaned_data
        pairs = [(said[f"begin{n}"], said[f"end{n}"]) for n in range(1, PERIODS + 1)]
        return [(begin, end) for begin, end in pairs if begin and end]

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Begin and end side by side, for the page."""
        return [(self[f"begin{n}"], self[f"end{n}"]) for n in range(1, PERIODS + 1)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for number in range(1, PERIODS + 1):
            if bool(said.get(f"begin{number}")) != bool(said.get(f"end{number}")):
                self.add_error(f"end{number}", _("Give both begin and end, or neither."))
        return said


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("calendar")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One month; a day chosen from it can be set."""
    shown = _month(request)
    chosen = _day(request)
    form = DayForm(data=request.POST or None, initial=_standing(chosen)) if chosen else None
    if form is not None and chosen and form.is_bound and tried(form, lambda said: _set(desk, chosen, said)):
        messages.success(request, _("Set. Running limits follow; what has ended stays as it was."))
        return back_to(desk, "calendar", month=f"{shown:%Y-%m}", day=str(chosen))
    return _page(desk, shown, chosen, form=form, hours=HoursForm())


@require_POST
@for_settings("calendar")
def hours(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Set the working hours from a day on."""
    form = HoursForm(data=request.POST)
    done = tried(
        form,
        lambda said: services.set_hours(
            actor=desk.actor, at=desk.at, since=said["since"], periods=form.periods()
        ),
    )
    if done is None:
        return _page(desk, _month(request), None, form=None, hours=form)
    messages.success(request, _("Set. Running limits follow; what has ended stays as it was."))
    return back_to(desk, "calendar")


def _page(
    desk: Desk, shown: date, chosen: date | None, *, form: DayForm | None, hours: HoursForm
) -> HttpResponse:
    days = queries.month_view(shown.year, shown.month)
    blanks = [None] * days[0].date.weekday()
    cells: list[DayView | None] = [*blanks, *days]
    context = {
        "shown": shown,
        "weeks": [cells[n : n + 7] for n in range(0, len(cells), 7)],
        "weekdays": [weekday(date(2024, 1, n)) for n in range(1, 8)],  # the first of 2024 was a Monday
        "before": _shift(shown, -1),
        "after": _shift(shown, 1),
        "today": timezone.localdate(desk.at),
        "official": queries.year_is_official(shown.year),
        "chosen": next((day for day in days if day.date == chosen), None),
        "form": form,
        "hours_form": hours,
        "hours": [(None, STANDARD_HOURS), *queries.hours_history()],
        "working": sum(day.working for day in days),
    }
    wrong = bool((form and form.errors) or hours.errors)
    return show(desk, "calendar.html", context, on="calendar", status=422 if wrong else 200)


def _month(request: HttpRequest) -> date:
    """The month asked for, or the present one."""
    said, _dash, rest = request.GET.get("month", "").partition("-")
    year, month = id_in(said), id_in(rest)
    if FIRST <= year <= LAST and 1 <= month <= 12:
        return date(year, month, 1)
    return timezone.localdate().replace(day=1)


def _day(request: HttpRequest) -> date | None:
    try:
        chosen = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    return chosen if FIRST <= chosen.year <= LAST else None


def _shift(shown: date, by: int) -> date:
    number = shown.year * 12 + shown.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def _standing(chosen: date) -> dict[str, str]:
    """How the day stands: what the district set, or the official list."""
    day = queries.month_view(chosen.year, chosen.month)[chosen.day - 1]
    if day.source != DaySource.OVERRIDE:
        return {"working": "list", "note": ""}
    return {"working": "work" if day.working else "rest", "note": day.note}


def _set(desk: Desk, chosen: date, said: dict[str, Any]) -> bool:
    if said["working"] == "list":
        services.clear_day(actor=desk.actor, at=desk.at, date=chosen)
    else:
        working = said["working"] == "work"
        services.set_day(actor=desk.actor, at=desk.at, date=chosen, working=working, note=said["note"])
    return True

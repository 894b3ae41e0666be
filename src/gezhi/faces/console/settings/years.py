"""A year of the working calendar on one page, and its official list: import, export, take back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import FIRST, LAST, SettingsForm
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.faces.look.words import weekday
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.foundation.clocks import queries, services
from gezhi.foundation.clocks.listing import Reading, read_list, write_list
from gezhi.foundation.clocks.official import ListedDay
from gezhi.foundation.clocks.queries import DayView
from gezhi.work.cases.reckoning import running_into

LARGEST = 64 * 1024


class ListForm(SettingsForm):
    """A year's official list, pasted or as a file."""

    text = forms.CharField(
        label=gettext_lazy("The list"),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
        required=False,
        max_length=LARGEST,
        help_text=gettext_lazy(
            "One line a day or a stretch of days: date, 休 or 班, name. "
            "For example: 2027-02-06 至 2027-02-12, 休, 春节"
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file"),
        required=False,
        help_text=gettext_lazy("Text or CSV with the same lines."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/plain,text/csv"}),
    )

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload is None:
            return ""
        if upload.size > LARGEST:
            raise ValidationError(_("This file is too large for a year's list."))
        content = upload.read()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return str(content.decode(encoding))
            except UnicodeDecodeError:
                continue
        raise ValidationError(_("This is no text. Save it as CSV and try again."))

    def said(self) -> str:
        """What is to be read: the file where one was sent, else what was pasted."""
        return self.cleaned_data.get("file") or self.cleaned_data.get("text") or ""


@dataclass(frozen=True)
class Change:
    """A day the list would change."""

    day: DayView
    working: bool
    name: str


@require_safe
@for_settings("calendar")
def year(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Twelve months of a year, its own days, and where its list comes from."""
    _in_range(number)
    months = [_month(number, month) for month in range(1, 13)]
    context = {
        "year": number,
        "before": number - 1 if number > FIRST else None,
        "after": number + 1 if number < LAST else None,
        "months": months,
        "weekdays": [weekday(date(2024, 1, n)) for n in range(1, 8)],
        "today": timezone.localdate(desk.at),
        "official": queries.year_is_official(number),
        "imported": queries.imported_list(number),
        "own": queries.own_days(number),
        "working": sum(one["working"] for one in months),
        "listed": _stretches(queries.official_days(number)),
    }
    return show(desk, "year.html", context, on="calendar")


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("calendar")
def official_list(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Import the list of a year: paste or upload, look at what would change and every error, then take it."""
    _in_range(number)
    form = ListForm(data=request.POST or None, files=request.FILES or None)
    if not form.is_bound or not form.is_valid():
        return _list_page(desk, number, form, None)
    text = form.said()
    reading = read_list(text, number)
    form = ListForm(initial={"text": text})  # a file's text stands in the box from now on, to be corrected
    if reading.errors or request.POST.get("step") != "take":
        return _list_page(desk, number, form, reading, text=text)
    try:
        services.take_list(actor=desk.actor, at=desk.at, year=number, days=reading.days)
    except GezhiError as error:
        messages.error(request, str(next(iter(error.fields.values()), error.message)))
        return _list_page(desk, number, form, reading, text=text)
    messages.success(request, _("Taken. Running limits follow; what has ended stays as it was."))
    return back_to(desk, "calendar_year", number)


@require_POST
@for_settings("calendar")
def drop_list(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Take an imported list back."""
    try:
        services.drop_list(actor=desk.actor, at=desk.at, year=number)
    except GezhiError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Taken back. Running limits follow; what has ended stays as it was."))
    return back_to(desk, "calendar_year", number)


@require_safe
@for_settings("calendar")
def export(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """The official list of a year in force, as CSV that can be imported again."""
    _in_range(number)
    content = "\ufeff" + write_list(queries.official_days(number))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="calendar-{number}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _list_page(
    desk: Desk, number: int, form: ListForm, reading: Reading | None, *, text: str = ""
) -> HttpResponse:
    wrong = bool(form.errors or (reading and reading.errors))
    changes = _changes(reading.days) if reading and not reading.errors else []
    first = min((one.day.date for one in changes), default=None)
    context = {
        "year": number,
        "form": form,
        "reading": reading,
        "said": text,
        "days": _stretches(reading.days) if reading else [],
        "changes": changes,
        "moving": running_into(first) if first else 0,
        "imported": queries.imported_list(number),
        "back": reverse("settings:calendar_year", args=[number]),
    }
    return show(desk, "year_list.html", context, on="calendar", status=422 if wrong else 200)


def _changes(days: list[ListedDay]) -> list[Change]:
    """The days of the list that stand otherwise now; the district's own days stay what they are."""
    found = []
    for day in days:
        view = queries.day_view(day.date)
        if view.working != day.working and view.source != queries.DaySource.OVERRIDE:
            found.append(Change(view, day.working, day.name))
    return found


def _stretches(days: list[ListedDay]) -> list[tuple[ListedDay, ListedDay, int]]:
    """Days of one name that follow each other, as first, last and how many."""
    found: list[tuple[ListedDay, ListedDay, int]] = []
    for day in days:
        if found:
            first, last, count = found[-1]
            follows = (day.date - last.date).days == 1
            if follows and (day.working, day.name) == (last.working, last.name):
                found[-1] = (first, day, count + 1)
                continue
        found.append((day, day, 1))
    return found


def _month(number: int, month: int) -> dict[str, Any]:
    days = queries.month_view(number, month)
    cells: list[DayView | None] = [*[None] * days[0].date.weekday(), *days]
    return {
        "first": days[0].date,
        "weeks": [cells[n : n + 7] for n in range(0, len(cells), 7)],
        "working": sum(day.working for day in days),
    }


def _in_range(number: int) -> None:
    if not FIRST <= number <= LAST:
        raise NotFound

"""The list of cases as a file: a spreadsheet or CSV with what its reader may see, and no more."""

import csv
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe
from xlsxwriter import Workbook

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.queue import EXPORTED, asked
from gezhi.faces.look.cases.rows import title_of
from gezhi.foundation.actors.models import User
from gezhi.foundation.areas.models import AreaKind
from gezhi.foundation.audit.errors import NotFound
from gezhi.foundation.audit.services import record
from gezhi.work.cases.models import Case
from gezhi.work.cases.queries import Filter, filtered, veil
from gezhi.work.cases.states import ACTIVE, Source, State

CHUNK = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | datetime | None


@dataclass(frozen=True)
class Column:
    """`value` reads a case that has passed the veil; `width` is in letters."""

    label: Promise
    value: Callable[[Case, datetime], Cell]
    width: int = 12


def _yes(value: bool) -> str:
    return pgettext("column", "yes") if value else ""


COLUMNS: tuple[Column, ...] = (
    Column(pgettext_lazy("column", "Number"), lambda c, at: c.number, 18),
    Column(pgettext_lazy("column", "State"), lambda c, at: str(State(c.state).label)),
    Column(pgettext_lazy("column", "Title"), lambda c, at: title_of(c), 22),
    Column(
        pgettext_lazy("column", "Class of matter"),
        lambda c, at: c.item.matter_class.shown if c.item else "",
        16,
    ),
    Column(gettext_lazy("Filing condition"), lambda c, at: c.condition.shown if c.condition else "", 26),
    Column(gettext_lazy("Description"), lambda c, at: c.description, 40),
    Column(pgettext_lazy("column", "Place"), lambda c, at: c.address, 26),
    Column(pgettext_lazy("column", "Grid"), lambda c, at: c.area.shown, 16),
    Column(gettext_lazy("Source"), lambda c, at: str(Source(c.source).label)),
    Column(pgettext_lazy("column", "Level"), lambda c, at: str(AreaKind(c.level).label)),
    Column(pgettext_lazy("column", "Reported at"), lambda c, at: c.reported_at, 17),
    Column(pgettext_lazy("column", "Filed at"), lambda c, at: c.filed_at, 17),
    Column(pgettext_lazy("column", "Due at"), lambda c, at: c.due_at, 17),
    Column(pgettext_lazy("column", "Overdue"), lambda c, at: _yes(_late(c, at))),
    Column(gettext_lazy("Agency"), lambda c, at: c.lead_agency.shown if c.lead_agency else "", 20),
    Column(pgettext_lazy("column", "Waits for"), lambda c, at: c.owner_name, 20),
    Column(pgettext_lazy("column", "Closed at"), lambda c, at: c.closed_at, 17),
    Column(pgettext_lazy("column", "Emergency"), lambda c, at: _yes(c.emergency)),
    Column(pgettext_lazy("column", "Supervised"), lambda c, at: _yes(c.supervised)),
    Column(pgettext_lazy("column", "Urged"), lambda c, at: c.urges),
    Column(pgettext_lazy("column", "Returned"), lambda c, at: c.returns),
    Column(pgettext_lazy("column", "Reworked"), lambda c, at: c.reworks),
    Column(pgettext_lazy("column", "Reopened"), lambda c, at: c.reopenings),
)


@require_safe
@at_desk
def export(request: HttpRequest, desk: Desk, kind: str) -> HttpResponseBase:
    """The list an address asks for, as `xlsx` or `csv`; on record before the first line goes out."""
    if kind not in ("xlsx", "csv"):
        raise NotFound
    said = asked(desk)
    wanted = replace(said.wanted, stage=said.wanted.stage or "all", after="")
    found = _ordered(desk, wanted)
    rows = found[: EXPORTED + 1].count()
    if request.method == "GET":
        detail = {
            "format": kind,
            "rows": min(rows, EXPORTED),
            "filter": {**said.words, "area": wanted.area_path},
        }
        with transaction.atomic():
            record(
                actor=desk.actor,
                act="export_cases",
                subject=_who(desk),
                at=desk.at,
                detail=detail,
            )
    name = f"{_('cases')}-{timezone.localtime(desk.at):%Y%m%d-%H%M}.{kind}"
    if request.method == "HEAD":
        return HttpResponse(content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)
    lines = _lines(desk, found)
    end = _cut_words() if rows > EXPORTED else ""
    return _as_csv(lines, end, name) if kind == "csv" else _as_xlsx(lines, end, name)


def _who(desk: Desk) -> User:
    """The exporter: what left is on record under their name."""
    return User.objects.get(pk=desk.actor.user_id or 0)


def _ordered(desk: Desk, wanted: Filter) -> QuerySet[Case]:
    found = filtered(desk.actor, wanted, at=desk.at)
    if wanted.order == "new":
        return found.order_by("-reported_at", "-id")
    return found.order_by(F("due_at").asc(nulls_last=True), "id")


def _lines(desk: Desk, found: QuerySet[Case]) -> Iterator[list[Cell]]:
    """The cells of each case, read in chunks; sealed words are taken away before anything is read."""
    whole = found.select_related("area", "item__matter_class", "condition", "lead_agency")[:EXPORTED]
    for case in whole.iterator(chunk_size=CHUNK):
        seen = veil(case, desk.actor)
        yield [column.value(seen, desk.at) for column in COLUMNS]


def _cut_words() -> str:
    words = _("Only the first %(most)s cases are here. Narrow the filter to export the others.")
    return words % {"most": f"{EXPORTED:,}"}


def _late(case: Case, at: datetime) -> bool:
    return case.state in ACTIVE and case.due_at is not None and case.due_at < at


def plain(cell: Cell) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Echo:
    """What csv writes into: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def _as_csv(lines: Iterator[list[Cell]], end: str, name: str) -> StreamingHttpResponse:
    """UTF-8 with a mark at its beginning, by which Excel knows it."""
    writer = csv.writer(_Echo())
    heads = [str(column.label) for column in COLUMNS]  # now, in the language of the page

    def parts() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(heads)
        for line in lines:
            yield writer.writerow([plain(cell) for cell in line])
        if end:
            yield writer.writerow([end])

    # The lines are read while they are sent, in the language of the page too: so they are made here.
    response = StreamingHttpResponse(_in_this_language(parts()), content_type=CSV_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _in_this_language(parts: Iterator[str]) -> Iterator[str]:
    """The parts, made under the language that is active now, whenever they are asked for."""
    language = translation.get_language()

    def held() -> Iterator[str]:
        while True:
            with translation.override(language):
                part = next(parts, None)
            if part is None:
                return
            yield part

    return held()


def _as_xlsx(lines: Iterator[list[Cell]], end: str, name: str) -> FileResponse:
    """Written line by line into a file that goes away with the answer."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the answer)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    book = Workbook(kept, options)
    bold = book.add_format({"bold": True, "bg_color": "#E8EFED", "border": 1, "border_color": "#C9D3D0"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet(_("cases"))
    sheet.freeze_panes(1, 1)
    for n, column in enumerate(COLUMNS):
        sheet.set_column(n, n, column.width)
        sheet.write_string(0, n, str(column.label), bold)
    row = 0
    for row, line in enumerate(lines, start=1):
        for n, cell in enumerate(line):
            _write(sheet, row, n, cell, moment)
    sheet.autofilter(0, 0, max(row, 1), len(COLUMNS) - 1)
    if end:
        sheet.write_string(row + 1, 0, end)
    book.close()
    kept.seek(0)
    return FileResponse(kept, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _write(sheet: Any, row: int, n: int, cell: Cell, moment: Any) -> None:
    """A cell by its kind; text stays text, whatever it begins with."""
    if isinstance(cell, datetime):
        sheet.write_datetime(row, n, timezone.localtime(cell).replace(tzinfo=None), moment)
    elif isinstance(cell, int):
        sheet.write_number(row, n, cell)
    elif cell:
        sheet.write_string(row, n, cell)

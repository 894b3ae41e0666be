"""Writes to the calendar. Open clocks follow by the message `calendar.changed`."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound
from gezhi.foundation.audit.services import Manager, record
from gezhi.foundation.clocks import queries
from gezhi.foundation.clocks.listing import check_day
from gezhi.foundation.clocks.models import CalendarDay, OfficialList, WorkHours
from gezhi.foundation.clocks.official import ListedDay
from gezhi.foundation.clocks.rules import Period, spans_of

GRANT = "manage_calendar"
TOPIC = "calendar.changed"


def set_day(*, actor: Manager, at: dt.datetime, date: dt.date, working: bool, note: str = "") -> CalendarDay:
    """Make a day a working day or a day off, whatever the official list says."""
    _authorise(actor)
    limit = CalendarDay._meta.get_field("note").max_length or 0
    if len(note := note.strip()) > limit:
        raise Invalid({"note": _("Shorten the note to at most 80 characters.")})
    with transaction.atomic():
        day, _fresh = CalendarDay.objects.update_or_create(
            date=date, defaults={"working": working, "note": note}
        )
        detail = {"date": str(date), "working": working, "note": note}
        record(actor=actor, act="calendar.set_day", subject=day, at=at, detail=detail, topic=TOPIC)
        queries.forget_after_write()
    return day


def clear_day(*, actor: Manager, at: dt.datetime, date: dt.date) -> None:
    """Let the official list decide on this day again."""
    _authorise(actor)
    with transaction.atomic():
        day = CalendarDay.objects.select_for_update().filter(date=date).first()
        if day is None:
            raise NotFound("calendar_day_not_set", _("This day follows the official list already."))
        detail = {"date": str(date)}
        record(actor=actor, act="calendar.clear_day", subject=day, at=at, detail=detail, topic=TOPIC)
        day.delete()
        queries.forget_after_write()


def set_hours(*, actor: Manager, at: dt.datetime, since: dt.date, periods: Sequence[Period]) -> WorkHours:
    """Set the working periods of every working day from `since` on, until the next change."""
    _authorise(actor)
    try:
        spans_of(tuple(periods))
    except ValueError as error:
        raise Invalid(
            {
                "periods": _(
                    "Give the periods of a day in order, each ending after it begins, without overlap."
                )
            }
        ) from error
    written = [[f"{begin:%H:%M}", f"{end:%H:%M}"] for begin, end in periods]
    with transaction.atomic():
        hours, _fresh = WorkHours.objects.update_or_create(since=since, defaults={"periods": written})
        detail = {"since": str(since), "periods": written}
        record(actor=actor, act="calendar.set_hours", subject=hours, at=at, detail=detail, topic=TOPIC)
        queries.forget_after_write()
    return hours


def take_list(*, actor: Manager, at: dt.datetime, year: int, days: Sequence[ListedDay]) -> OfficialList:
    """Make these days the official list of a year, all or none; the same list again changes nothing."""
    _authorise(actor)
    wrong = {name: text for day in days for name, text in check_day(year, day).items()}
    dates = [day.date for day in days]
    if not days or len(set(dates)) < len(dates):
        wrong["days"] = _("Give each holiday and each moved working day once.")
    if wrong:
        raise Invalid(wrong)
    written = [[str(day.date), day.working, day.name] for day in sorted(days)]
    with transaction.atomic():
        before = OfficialList.objects.select_for_update().filter(year=year).first()
        if before is not None and before.days == written:
            return before
        taken, _fresh = OfficialList.objects.update_or_create(
            year=year, defaults={"days": written, "taken_at": at, "taken_by": actor.label}
        )
        detail = {"year": year, "days": len(written), "before": before.days if before else None}
        record(actor=actor, act="calendar.take_list", subject=taken, at=at, detail=detail, topic=TOPIC)
        queries.forget_after_write()
    return taken


def drop_list(*, actor: Manager, at: dt.datetime, year: int) -> None:
    """Take an imported list back: what the program knows of the year holds again."""
    _authorise(actor)
    with transaction.atomic():
        taken = OfficialList.objects.select_for_update().filter(year=year).first()
        if taken is None:
            raise NotFound("calendar_list_not_taken", _("No list was imported for this year."))
        detail = {"year": year, "before": taken.days}
        record(actor=actor, act="calendar.drop_list", subject=taken, at=at, detail=detail, topic=TOPIC)
        taken.delete()
        queries.forget_after_write()


def _authorise(actor: Manager) -> None:
    if not (actor.may(GRANT) and actor.allows("admin")):
        raise NotAllowed

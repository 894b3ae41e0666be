"""Writes to the calendar. Open clocks follow by the message `calendar.changed`."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound
from gezhi.foundation.audit.services import Manager, record
from gezhi.foundation.clocks import queries
from gezhi.foundation.clocks.models import CalendarDay, WorkHours
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


def _authorise(actor: Manager) -> None:
    if not (actor.may(GRANT) and actor.allows("admin")):
        raise NotAllowed

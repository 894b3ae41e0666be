"""Moments, durations and numbers in words, and the words our scripts say."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

HOUR = 3600
DAY = 24 * HOUR


def weekday(day: date) -> str:
    """The day's name, short: 周日, Sun."""
    names = (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )
    return names[day.weekday()]


def day_words(day: date, *, today: date) -> str:
    """11-22 周日 (22 Nov Sun in English); with the year when it is not this year's."""
    if (get_language() or "").startswith("en"):
        text = f"{weekday(day)} {day.day} {day:%b}"
        return text if day.year == today.year else f"{text} {day.year}"
    text = f"{day:%m-%d} {weekday(day)}"
    return text if day.year == today.year else f"{day.year}-{text}"


def moment_words(moment: datetime, *, at: datetime | None = None) -> str:
    """11-22 周日 14:05 in local time."""
    local = timezone.localtime(moment)
    today = timezone.localtime(at).date() if at else timezone.localdate()
    return f"{day_words(local.date(), today=today)} {local:%H:%M}"


def span(duration: timedelta | float) -> str:
    """2 小时 15 分: the two largest units that are not nothing, rounded down; under a minute says so."""
    seconds = round(duration.total_seconds() if isinstance(duration, timedelta) else duration)
    if seconds < 60:
        return _("less than a minute")
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // 60
    parts = []
    if days:
        parts.append(ngettext("%(n)s day", "%(n)s days", days) % {"n": days})
    if hours:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours})
    if minutes and not days:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes})
    return " ".join(parts)


def ago(moment: datetime, *, at: datetime) -> str:
    """31 分前; moments ahead and the last minute read 刚刚."""
    seconds = (at - moment).total_seconds()
    if seconds < 60:
        return _("just now")
    return _("%(time)s ago") % {"time": span(seconds)}


def big_number(number: float) -> str:
    """12.3 万 in Chinese, 123,000 in English; below ten thousand as it is, with separators."""
    if (get_language() or "").startswith("en") or abs(number) < 10_000:
        return f"{number:,.0f}"
    return f"{number / 10_000:,.1f}".removesuffix(".0") + " 万"


def script_words() -> dict[str, str]:
    """What the scripts of the pages say, by key (see web/src/words.ts)."""
    return {
        "close": pgettext("message", "Close"),
        "cancel": _("Cancel"),
        "go-on": _("Yes, go on"),
        "no-answer": _("The server does not answer. Wait a moment and try again; nothing was changed."),
        "offline": _("No network. Check the connection and try again; nothing was changed."),
        "broken": _("Something broke on our side and was logged. Please try again."),
        "ticked": _("{n} selected"),
        "and": pgettext("between items of a list", ", "),
        "too-many-photos": _("At most {n} photos. The first {n} were kept."),
        "drop-photo": _("Remove this photo"),
        "here": _("Use my location"),
        "how-far": _("Show how far it is"),
        "away": _("{d} from here"),
        "not-located": _("Your location could not be found. Tap the place on the map instead."),
        "tap": _("Tap the map where it is"),
        "picked": _("Place set: {lon}, {lat}"),
        "zoom-in": _("Zoom in"),
        "zoom-out": _("Zoom out"),
        "map": pgettext("drawing", "Map"),
        "no-map": _("The live map needs WebGL, which this browser does not offer. This is a still picture."),
        "map-place": pgettext("drawing", "The place"),
        "map-sources": _("Sources of the map"),
        "metres": pgettext("unit", "m"),
        "kilometres": pgettext("unit", "km"),
        "legend-grid": pgettext("drawing", "Grid border"),
        "legend-overdue": pgettext("case on the map", "Overdue"),
        "legend-soon": pgettext("case on the map", "Due soon"),
        "legend-open": pgettext("case on the map", "In time"),
        "legend-done": pgettext("case on the map", "Closed"),
    }

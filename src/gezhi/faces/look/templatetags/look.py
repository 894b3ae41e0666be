"""Tags and filters every page may use: icons, moments, clocks, chips, form fields, photos."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gezhi.faces.look.cases.rows import title_of
from gezhi.faces.look.clocks import ClockView
from gezhi.faces.look.maps import picture_url
from gezhi.faces.look.mapsvg import Frame
from gezhi.faces.look.words import ago as ago_words
from gezhi.faces.look.words import big_number, day_words, moment_words, script_words
from gezhi.faces.look.words import span as span_words
from gezhi.work.cases.models import Case

register = template.Library()

TONES = {constants.SUCCESS: "g", constants.WARNING: "a", constants.ERROR: "r", constants.INFO: "b"}
TONE_ICONS = {"g": "done", "a": "alert", "r": "alert", "b": "info"}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite (names: web/src/icons.ts). Decoration only: the words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("built/icons.svg"),
        name,
    )


@register.simple_tag
def words() -> SafeString:
    """The words scripts say, in the page's language."""
    return json_script(script_words(), "words")


@register.filter
def titled(case: Case) -> str:
    """What a case is called in the page's language; expects its item to be loaded."""
    return title_of(case)


@register.filter
def tone(message: Message) -> str:
    """The colour of one of Django's messages."""
    return TONES.get(message.level, "b")


@register.filter
def tone_icon(message: Message) -> str:
    """The icon of one of Django's messages."""
    return TONE_ICONS[tone(message)]


@register.filter
def when(moment: datetime | date | None) -> str:
    """11-22 周日 14:05 (a date: 11-22 周日); nothing for None."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return moment_words(moment)
    return day_words(moment, today=timezone.localdate())


@register.filter
def hour(moment: datetime | None) -> str:
    """14:05 in local time."""
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


@register.filter
def day(moment: datetime | date | None) -> str:
    """11-22 周日 in local time."""
    if moment is None:
        return ""
    local = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return day_words(local, today=timezone.localdate())


@register.filter
def span(duration: timedelta | float | None) -> str:
    """2 小时 15 分, from seconds or a timedelta."""
    return span_words(duration) if duration is not None else ""


@register.filter
def ago(moment: datetime | None) -> str:
    """31 分前."""
    return ago_words(moment, at=timezone.now()) if moment else ""


@register.filter
def wan(number: float | None) -> str:
    """1.8 万 for large numbers, 1,804 for others."""
    return big_number(number) if number is not None else ""


@register.filter
def metres(distance: float | None) -> str:
    """210 米, 1.8 公里."""
    if distance is None:
        return ""
    if distance < 1000:
        return _("%(n)d m") % {"n": round(distance, -1) if distance >= 20 else round(distance)}
    return _("%(n).1f km") % {"n": distance / 1000}


@register.simple_tag
def chip(text: str, tone: str = "n") -> SafeString:
    """A word on a coloured ground. Tones: g done, a due soon, r overdue, b information, t ours, n neutral."""
    return format_html('<span class="chip {}">{}</span>', tone, text)


@register.simple_tag
def clock_chip(clock: ClockView | None) -> SafeString:
    """The clock's word alone: 剩 1 小时 10 分."""
    return chip(clock.text, clock.tone) if clock else SafeString("")


@register.simple_tag
def clock_bar(clock: ClockView | None, line: bool = False) -> SafeString:
    """The clock's chip over its bar, as in a queue; with line=True a line of name, limit and what is left."""
    if clock is None:
        return SafeString("")
    bar = meter(clock.percent, clock.tone)
    if not line:
        return format_html('<div class="clock">{}{}</div>', clock_chip(clock), bar)
    return format_html(
        '<div class="clock"><div class="clock-line"><span>{} <span class="faint">{}</span></span>'
        '<b class="{}">{}</b></div>{}</div>',
        clock.label,
        clock.limit_text,
        {"r": "red", "a": "amber"}.get(clock.tone, ""),
        clock.text,
        bar,
    )


@register.simple_tag
def meter(percent: float, tone: str = "g", classes: str = "") -> SafeString:
    """A bar filled to `percent`; what it says must stand beside it in words."""
    return format_html(
        '<svg class="bar {} {}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="4"/></svg>',
        tone,
        classes,
        round(max(0, min(100, percent)), 1),
    )


@register.inclusion_tag("look/parts/field.html")
def field(bound: BoundField, help_text: str | None = None, label: str = "") -> dict[str, Any]:
    """A form field: label above, help under it, errors beside it, optional fields marked as such.

    `help_text` replaces the field's own; an empty one leaves it out.
    """
    widget = bound.field.widget
    shown_help = bound.help_text if help_text is None else help_text
    kind = "plain"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        kind = "choices"
    elif isinstance(widget, CheckboxInput):
        kind = "tick"
    elif getattr(widget, "grouped", False):
        kind = "group"
    return {
        "field": bound,
        "kind": kind,
        "help_text": shown_help,
        "label": label or bound.label,
        "control": bound.as_widget(attrs=_described(bound, bool(shown_help))),
    }


def _described(bound: BoundField, has_help: bool) -> dict[str, str | bool]:
    names = []
    if has_help:
        names.append(f"{bound.auto_id}-help")
    if bound.errors:
        names.append(f"{bound.auto_id}-error")
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(names)} if names else {}
    if bound.field.widget.attrs.get("placeholder") == bound.label:
        attrs["placeholder"] = ""  # the label above already says it
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return attrs


@register.inclusion_tag("look/parts/error_list.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with the form, at its top, each line a link to its field."""
    return {"form": form}


@register.inclusion_tag("look/parts/photos.html")
def photos(files: Iterable[Mapping[str, Any]], classes: str = "") -> dict[str, Any]:
    """Photos as small pictures, each a link to the whole one.

    Each file: `url`, `thumb` and, if wanted, `alt` and `tag` (a word laid over the picture: 处置前).
    """
    return {"files": files, "classes": classes}


@register.simple_tag
def live_map(config: Mapping[str, Any], classes: str = "", label: str = "") -> SafeString:
    """A live map of a config made by `maps.map_config`; without scripts the server's picture of the place."""
    name = label or pgettext("drawing", "Map")
    still = config.get("picture", {}).get("url", "")
    return format_html(
        '<div class="map {}" role="region" aria-label="{}" data-map="{}">{}</div>',
        classes,
        name,
        json.dumps(config, default=str, ensure_ascii=False),
        format_html('<noscript><img src="{}" alt="{}"></noscript>', still, name) if still else "",
    )


@register.simple_tag
def map_picture(lon: float | None, lat: float | None, zoom: float = 15.6, tone: str = "r") -> SafeString:
    """The server's picture of one place, marked: light enough for side panels and cards."""
    if lon is None or lat is None:
        return SafeString("")
    return format_html(
        '<div class="map-picture"><img src="{}" alt="{}" loading="lazy"></div>',
        picture_url(Frame(lon, lat, zoom, 480, 236), tone=tone),
        pgettext("drawing", "Map"),
    )


@register.simple_tag
def trail(*names: str) -> SafeString:
    """Names joined by a small arrow: 公用设施 › 上水井盖 › 破损."""
    shown = [(name,) for name in names if name]
    return format_html_join(SafeString(' <span class="faint" aria-hidden="true">›</span> '), "{}", shown)

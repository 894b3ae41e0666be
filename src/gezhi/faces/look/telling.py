"""Notices as a list by day, and the form where one says how to be told: the same on desk and phone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from gezhi.civic.notices import queries, services
from gezhi.civic.notices.channels import CHANNELS, ready_channels
from gezhi.civic.notices.models import Kind, Notice, Preference
from gezhi.civic.notices.rules import BESIDE, IN_APP
from gezhi.faces.look.cases.rows import title_of
from gezhi.faces.look.words import day_words
from gezhi.foundation.actors.models import User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.actors.services import set_own_email
from gezhi.foundation.audit.errors import GezhiError
from gezhi.foundation.ids import id_in
from gezhi.work.cases.acts import ACTS

SHOWN = 100
TONES = {
    Kind.YOURS: "t",
    Kind.DECIDE: "t",
    Kind.PART: "t",
    Kind.DESK: "t",
    Kind.WATCHED: "r",
    Kind.OVERDUE: "r",
    Kind.LEADER: "r",
    Kind.FOUND: "r",
    Kind.URGED: "a",
    Kind.WARN: "a",
}
TOLD_BY_KIND = (Kind.YOURS, Kind.DESK, Kind.WARN, Kind.OVERDUE, Kind.LEADER, Kind.URGED)  # the kind says it


@dataclass(frozen=True)
class NoticeLine:
    """One notice as a list shows it. `number` alone, where the case is out of sight; `finding` is opened
    instead of the case where the notice is about one."""

    kind: str
    tone: str
    number: str
    title: str
    place: str
    act: str
    at: datetime
    unread: bool
    opens: bool
    finding: int


@dataclass(frozen=True)
class Tab:
    """One kind to show alone; `code` "" is all of them."""

    code: str
    label: str
    unread: int
    on: bool


@dataclass(frozen=True)
class NoticeList:
    """What the page of notices shows."""

    days: list[tuple[str, list[NoticeLine]]]
    tabs: list[Tab]
    unread: int
    kind: str
    newest: int  # the id of the newest shown: marking all read goes up to it
    full: bool  # there may be older ones


def line_of(notice: Notice) -> NoticeLine:
    opens: bool = getattr(notice, "in_sight", True)
    about, _dash, ident = notice.about.partition("-")
    act = ACTS[notice.act].label if notice.act in ACTS else BESIDE.get(notice.act, "")
    return NoticeLine(
        kind=notice.get_kind_display(),
        tone=TONES.get(Kind(notice.kind), "b"),
        number=notice.case.number,
        title=title_of(notice.case) if opens else "",
        place=notice.case.address if opens else "",
        act=str(act) if notice.kind not in TOLD_BY_KIND else "",
        at=notice.created_at,
        unread=notice.read_at is None,
        opens=opens,
        finding=int(ident) if about == "finding" else 0,
    )


def notice_list(request: HttpRequest, actor: Actor, *, at: datetime) -> NoticeList:
    """The newest notices by day, of one kind where the address asks for it."""
    asked = request.GET.get("kind", "")
    kind = asked if asked in Kind.values else ""
    found = queries.latest(actor, limit=SHOWN, kind=kind)
    waiting = queries.unread_by_kind(actor)
    return NoticeList(
        days=_by_day(found, today=localdate(at)),
        tabs=_tabs(waiting, kind),
        unread=waiting.get(kind, 0) if kind else sum(waiting.values()),
        kind=kind,
        newest=max((notice.pk for notice in found), default=0),
        full=len(found) == SHOWN,
    )


def read_all(request: HttpRequest, actor: Actor, *, at: datetime) -> None:
    """Mark read what the page shows: one kind, or all; not what arrived while it was shown."""
    asked = request.POST.get("kind", "")
    kind = asked if asked in Kind.values else ""
    upto = id_in(request.POST.get("upto", ""))
    services.mark_read(actor=actor, ids=None, at=at, kind=kind, upto=upto)


def _tabs(waiting: dict[str, int], on: str) -> list[Tab]:
    """All, and each kind with something unread, and the one that is open."""
    kinds = [kind for kind in Kind if waiting.get(kind) or kind == on]
    every = Tab("", _("All notices"), sum(waiting.values()), on == "")
    return [every, *(Tab(kind, str(kind.label), waiting.get(kind, 0), kind == on) for kind in kinds)]


def _by_day(notices: Iterable[Notice], *, today: date) -> list[tuple[str, list[NoticeLine]]]:
    days = groupby(notices, key=lambda notice: localdate(notice.created_at))
    return [
        (_("Today") if day == today else day_words(day, today=today), [line_of(one) for one in group])
        for day, group in days
    ]


@dataclass(frozen=True)
class Choice:
    """One cell of the table of kinds and channels."""

    name: str
    label: str
    on: bool
    fixed: bool  # always on: somebody waits


@dataclass(frozen=True)
class KindRow:
    label: str
    cells: list[Choice]


class TellingForm(forms.Form):
    """How oneself is told: the address, the kinds by channel, quiet hours, the language of what is sent."""

    use_required_attribute = False

    email = forms.EmailField(
        label=gettext_lazy("E-mail for notices"),
        help_text=gettext_lazy("Messages name the case and say what to do, never what it says."),
        max_length=120,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    quiet = forms.BooleanField(label=gettext_lazy("Keep quiet hours"), required=False)
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    wake = forms.BooleanField(label=gettext_lazy("Emergencies reach me in quiet hours too"), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Language of what is sent"),
        choices=[
            ("zh-hans", pgettext_lazy("language", "Chinese")),
            ("en", pgettext_lazy("language", "English")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, preference: Preference, *, email: str, data: Any = None) -> None:
        initial = {name: getattr(preference, name) for name in self.base_fields if name != "email"}
        super().__init__(data=data, initial={**initial, "email": email})
        self.preference = preference

    def head(self) -> list[str]:
        """The columns: inside, then each channel."""
        return [_("Here"), *(str(channel.label) for channel in CHANNELS.values())]

    def table(self) -> list[KindRow]:
        """Kinds by channels, as chosen or as they are by default."""
        return [KindRow(str(kind.label), [self._cell(kind, code) for code in _columns()]) for kind in Kind]

    def _cell(self, kind: Kind, code: str) -> Choice:
        name = f"{kind}-{code}"
        label = f"{kind.label} · {_('Here') if code == IN_APP else CHANNELS[code].label}"
        fixed = code == IN_APP and kind in services.MUST_HEAR
        if self.is_bound:
            return Choice(name, label, fixed or name in self.data, fixed)
        return Choice(name, label, fixed or code in services.channels_of(self.preference, kind), fixed)

    def channels(self) -> dict[str, list[str]]:
        """What was ticked."""
        ticked = {kind: [self._cell(kind, code) for code in _columns()] for kind in Kind}
        return {
            str(kind): [code for code, cell in zip(_columns(), cells, strict=True) if cell.on]
            for kind, cells in ticked.items()
        }

    def save(self, *, actor: Actor, at: datetime) -> bool:
        """Keep what was said; False when something is wrong, which the form then shows."""
        if not self.is_valid():
            return False
        said = dict(self.cleaned_data)
        email = said.pop("email")
        try:
            with transaction.atomic():  # both or neither
                services.set_preference(actor=actor, at=at, channels=self.channels(), **said)
                set_own_email(actor=actor, at=at, email=email)
        except GezhiError as error:
            for name, text in (error.fields or {"": error.message}).items():
                self.add_error(name if name in self.fields else NON_FIELD_ERRORS, str(text))
            return False
        return True


def telling_form(request: HttpRequest, actor: Actor) -> TellingForm:
    """The form, filled with what was sent or with what holds now."""
    preference = queries.preference_of(actor)
    user = get_object_or_404(User, pk=actor.user_id or 0)
    return TellingForm(preference, email=user.email, data=request.POST if request.method == "POST" else None)


def mail_is_on() -> bool:
    """Whether this site sends anything at all."""
    return bool(ready_channels())


def _columns() -> list[str]:
    return [IN_APP, *CHANNELS]

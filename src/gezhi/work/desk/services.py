"""Keeping filters, phrases and handover notes."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused, Text
from gezhi.foundation.audit.services import record, unless_taken
from gezhi.work.cases.acts import ACTS
from gezhi.work.desk.models import NAME_LIMIT, NOTE_LIMIT, PHRASE_LIMIT, HandoverNote, Phrase, SavedFilter
from gezhi.work.desk.queries import standing
from gezhi.work.desk.rules import KEEPS_PHRASES, LONGEST_SHIFT, DeskPlace, desks_of, plain_words

MOST_FILTERS = 20
MOST_PHRASES = 60
SHORT_LIMIT = 12
NAME_TAKEN: Mapping[str, Text] = {"name": _("You keep a filter of this name already.")}


# -- saved filters


def save_filter(*, actor: Actor, at: datetime, name: str, words: Mapping[str, str]) -> SavedFilter:
    """Keep a filter under a name, after those kept before."""
    user_id = _person(actor)
    kept = SavedFilter.objects.filter(user=user_id)
    with transaction.atomic():
        name = _named(name)
        if kept.count() >= MOST_FILTERS:
            raise Refused("too_many_filters", _("You keep as many filters as fit. Delete one first."))
        with unless_taken(NAME_TAKEN):
            saved = SavedFilter.objects.create(
                user_id=user_id, name=name, words=plain_words(words), position=_last(kept) + 1
            )
        record(actor=actor, act="save_filter", subject=saved, at=at, detail={"name": name})
    return saved


def rename_filter(*, actor: Actor, at: datetime, filter_id: int, name: str) -> SavedFilter:
    """Give one's filter another name."""
    with transaction.atomic():
        saved = _own_filter(actor, filter_id)
        saved.name = _named(name)
        with unless_taken(NAME_TAKEN):
            saved.save(update_fields=["name"])
        record(actor=actor, act="edit_filter", subject=saved, at=at, detail={"name": saved.name})
    return saved


def open_with(*, actor: Actor, at: datetime, filter_id: int, on: bool) -> SavedFilter:
    """Let the list of cases open with this filter, or with none."""
    with transaction.atomic():
        saved = _own_filter(actor, filter_id)
        SavedFilter.objects.filter(user=saved.user_id, first=True).update(first=False)
        saved.first = on
        saved.save(update_fields=["first"])
        record(actor=actor, act="edit_filter", subject=saved, at=at, detail={"first": on})
    return saved


def move_filter(*, actor: Actor, at: datetime, filter_id: int, step: int) -> SavedFilter:
    """Move one's filter up (-1) or down (1) among the others."""
    with transaction.atomic():
        saved = _own_filter(actor, filter_id)
        _move(SavedFilter.objects.filter(user=saved.user_id), saved, step)
        record(actor=actor, act="edit_filter", subject=saved, at=at, detail={"step": step})
    return saved


def drop_filter(*, actor: Actor, at: datetime, filter_id: int) -> None:
    """Forget one's filter."""
    with transaction.atomic():
        saved = _own_filter(actor, filter_id)
        record(actor=actor, act="drop_filter", subject=saved, at=at, detail={"name": saved.name})
        saved.delete()


# -- phrases


def add_phrase(
    *, actor: Actor, at: datetime, text: str, act: str = "", short: str = "", area_id: int | None = None
) -> Phrase:
    """Keep a phrase: one's own, or for all who work in an area one keeps phrases for."""
    user_id = _person(actor)
    said = _phrase(text, act, short)
    with transaction.atomic():
        area = _phrase_area(actor, area_id) if area_id is not None else None
        kept = Phrase.objects.filter(area=area) if area else Phrase.objects.filter(user=user_id)
        if kept.count() >= MOST_PHRASES:
            raise Refused("too_many_phrases", _("There are as many phrases as fit. Delete one first."))
        phrase = Phrase.objects.create(
            user_id=None if area else user_id,
            area=area,
            area_path=area.path if area else "",
            position=_last(kept) + 1,
            **said,
        )
        record(actor=actor, act="save_phrase", subject=phrase, at=at, detail=said)
    return phrase


def edit_phrase(
    *, actor: Actor, at: datetime, phrase_id: int, text: str, act: str = "", short: str = ""
) -> Phrase:
    """Change what a phrase says."""
    said = _phrase(text, act, short)
    with transaction.atomic():
        phrase = _kept_phrase(actor, phrase_id)
        for name, value in said.items():
            setattr(phrase, name, value)
        phrase.save(update_fields=list(said))
        record(actor=actor, act="save_phrase", subject=phrase, at=at, detail=said)
    return phrase


def drop_phrase(*, actor: Actor, at: datetime, phrase_id: int) -> None:
    """Delete a phrase."""
    with transaction.atomic():
        phrase = _kept_phrase(actor, phrase_id)
        record(actor=actor, act="drop_phrase", subject=phrase, at=at, detail={"text": phrase.text})
        phrase.delete()


def may_keep(actor: Actor, phrase: Phrase) -> bool:
    """Whether an actor may change a phrase: one's own, or one of an area one keeps phrases for."""
    if phrase.user_id:
        return phrase.user_id == actor.user_id
    return _keeps_for(actor, phrase.area_path)


# -- the shift's handover


def write_note(
    *, actor: Actor, at: datetime, area_id: int, grant: str, since: datetime, text: str
) -> HandoverNote:
    """Leave a note to the next shift of one's desk; the numbers of the moment are kept with it."""
    user_id = _person(actor)
    place = next((p for p in desks_of(actor) if (p.area_id, p.grant) == (area_id, grant)), None)
    if place is None:
        raise NotAllowed
    if not at - LONGEST_SHIFT <= since < at:
        words = _("The shift must have begun before now, at most %s days ago.")
        raise Invalid({"since": words % LONGEST_SHIFT.days})
    if len(text) > NOTE_LIMIT:
        raise Invalid({"text": _("That is too long. Shorten it.")})
    counts = standing(actor, place.area_path, since=since, at=at).as_json()
    with transaction.atomic():
        note = HandoverNote.objects.create(
            area_id=place.area_id,
            area_path=place.area_path,
            grant=place.grant,
            since=since,
            at=at,
            text=text.strip(),
            counts=counts,
            written_by_id=user_id,
        )
        record(actor=actor, act="write_handover", subject=note, at=at, detail={"area": place.area_path})
    return note


def confirm_note(*, actor: Actor, at: datetime, note_id: int) -> HandoverNote:
    """The next shift says it has read the note: somebody else of the same desk, once."""
    user_id = _person(actor)
    with transaction.atomic():
        seen = HandoverNote.objects.visible_to(actor).select_for_update(of=("self",))
        note = seen.filter(pk=note_id).first()
        if note is None:
            raise NotFound
        if not may_confirm(actor, note):
            raise NotAllowed
        if note.read_by is not None:
            words = _("%(name)s has confirmed this note already.")
            raise Refused("already_read", words % {"name": note.read_by.name})
        note.read_by_id, note.read_at = user_id, at
        note.save(update_fields=["read_by", "read_at"])
        record(actor=actor, act="read_handover", subject=note, at=at)
    return note


def may_confirm(actor: Actor, note: HandoverNote) -> bool:
    """Whether an actor is of the shift after: at the same desk, and not who wrote it."""
    return HandoverNote.objects.for_next_shift(actor).filter(pk=note.pk).exists()


def may_write(actor: Actor) -> list[DeskPlace]:
    """The desks an actor can leave a note at."""
    return desks_of(actor) if actor.user_id else []


# -- what they share


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotAllowed
    return actor.user_id


def _own_filter(actor: Actor, filter_id: int) -> SavedFilter:
    saved = SavedFilter.objects.visible_to(actor).select_for_update().filter(pk=filter_id).first()
    if saved is None:
        raise NotFound
    return saved


def _named(name: str) -> str:
    name = name.strip()
    if not name:
        raise Invalid({"name": _("Give it a name.")})
    if len(name) > NAME_LIMIT:
        raise Invalid({"name": _("That is too long. Shorten it.")})
    return name


def _phrase(text: str, act: str, short: str) -> dict[str, str]:
    text, short = text.strip(), short.strip().lstrip("/")
    if not text:
        raise Invalid({"text": _("Write the phrase.")})
    if len(text) > PHRASE_LIMIT:
        raise Invalid({"text": _("That is too long. Shorten it.")})
    if act and act not in ACTS:
        raise Invalid({"act": _("There is no such act.")})
    if len(short) > SHORT_LIMIT or any(c.isspace() or c == "/" for c in short):
        raise Invalid({"short": _("At most 12 letters, without spaces and slashes.")})
    return {"text": text, "act": act, "short": short}


def _phrase_area(actor: Actor, area_id: int) -> Area:
    area = Area.objects.filter(pk=area_id).first()
    if area is None:
        raise NotFound
    if not _keeps_for(actor, area.path):
        raise NotAllowed
    return area


def _keeps_for(actor: Actor, path: str) -> bool:
    return any(actor.may(grant, path) for grant in KEEPS_PHRASES)


def _kept_phrase(actor: Actor, phrase_id: int) -> Phrase:
    seen = Phrase.objects.visible_to(actor).select_for_update(of=("self",))
    phrase = seen.filter(pk=phrase_id).first()
    if phrase is None:
        raise NotFound
    if not may_keep(actor, phrase):
        raise NotAllowed
    return phrase


def _last(kept: "QuerySet[SavedFilter] | QuerySet[Phrase]") -> int:
    return int(kept.aggregate(last=Max("position"))["last"] or 0)


def _move(kept: "QuerySet[SavedFilter]", one: Model, step: int) -> None:
    """Number all anew, with `one` a place further."""
    ordered = list(kept)
    here = next(n for n, other in enumerate(ordered) if other.pk == one.pk)
    ordered.insert(max(0, min(len(ordered) - 1, here + step)), ordered.pop(here))
    for position, other in enumerate(ordered, start=1):
        other.position = position
    kept.bulk_update(ordered, ["position"])

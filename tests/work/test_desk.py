"""Filters, phrases and handover notes: whose they are, who may change them, and what they say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from tests.town import START, Town

from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.work.cases.perform import perform
from gezhi.work.desk import services
from gezhi.work.desk.models import HandoverNote, Phrase, SavedFilter
from gezhi.work.desk.queries import filters_of, notes_of, phrases_for, phrases_of, standing
from gezhi.work.desk.rules import LONGEST_SHIFT, desks_of

LATER = START + timedelta(hours=8)
STREET = "420599/420599001/"


def keep(town: Town, who: str, name: str, **words: str) -> SavedFilter:
    return services.save_filter(actor=town.actor(who), at=START, name=name, words=words)


def phrase(town: Town, who: str, text: str, **said: Any) -> Phrase:
    return services.add_phrase(actor=town.actor(who), at=START, text=text, **said)


def note(town: Town, who: str = "clerk", **said: Any) -> HandoverNote:
    place = desks_of(town.actor(who))[0]
    words = {"since": START, "text": "", **said}
    return services.write_note(
        actor=town.actor(who), at=LATER, area_id=place.area_id, grant=place.grant, **words
    )


def test_a_filter_is_its_owners_alone(town: Town) -> None:
    kept = keep(town, "clerk", "我的超期", stage="overdue", q="")
    assert kept.words == {"stage": "overdue"}
    assert filters_of(town.actor("clerk")) == [kept]
    assert filters_of(town.actor("dispatcher")) == []
    assert filters_of(None) == []
    with pytest.raises(NotFound):
        services.drop_filter(actor=town.actor("dispatcher"), at=START, filter_id=kept.pk)
    with pytest.raises(NotFound):
        services.rename_filter(actor=town.actor("dispatcher"), at=START, filter_id=kept.pk, name="我的")


def test_two_filters_of_one_person_have_two_names(town: Town) -> None:
    first, other = keep(town, "clerk", "甲"), keep(town, "clerk", "乙")
    keep(town, "dispatcher", "甲")
    for name in ("甲", " 甲 ", "", "长" * 41):
        with pytest.raises(Invalid):
            keep(town, "clerk", name)
    with pytest.raises(Invalid):
        services.rename_filter(actor=town.actor("clerk"), at=START, filter_id=other.pk, name="甲")
    services.rename_filter(actor=town.actor("clerk"), at=START, filter_id=first.pk, name="甲")


def test_a_name_kept_twice_at_once_is_said_the_second_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other comes between the look and the write: only the database sees that the name is taken."""
    other = keep(town, "clerk", "乙")
    keep(town, "clerk", "甲")
    monkeypatch.setattr(QuerySet, "exists", lambda self: False)
    with pytest.raises(Invalid):
        keep(town, "clerk", "甲")
    with pytest.raises(Invalid):
        services.rename_filter(actor=town.actor("clerk"), at=START, filter_id=other.pk, name="甲")
    assert [one.name for one in filters_of(town.actor("clerk"))] == ["乙", "甲"]


def test_filters_stand_in_the_order_their_owner_gives_them(town: Town) -> None:
    actor = town.actor("clerk")
    kept = {name: keep(town, "clerk", name) for name in "甲乙丙"}
    services.move_filter(actor=actor, at=START, filter_id=kept["丙"].pk, step=-1)
    assert [one.name for one in filters_of(actor)] == ["甲", "丙", "乙"]
    services.move_filter(actor=actor, at=START, filter_id=kept["甲"].pk, step=-1)
    services.move_filter(actor=actor, at=START, filter_id=kept["甲"].pk, step=1)
    assert [one.name for one in filters_of(actor)] == ["丙", "甲", "乙"]


def test_a_list_opens_with_one_filter_at_most(town: Town) -> None:
    actor = town.actor("clerk")
    one, other = keep(town, "clerk", "甲"), keep(town, "clerk", "乙")
    services.open_with(actor=actor, at=START, filter_id=one.pk, on=True)
    services.open_with(actor=actor, at=START, filter_id=other.pk, on=True)
    assert [kept.name for kept in filters_of(actor) if kept.first] == ["乙"]
    services.open_with(actor=actor, at=START, filter_id=other.pk, on=False)
    assert not any(kept.first for kept in filters_of(actor))


def test_nobody_keeps_more_filters_than_fit(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_FILTERS", 2)
    keep(town, "clerk", "甲")
    keep(town, "clerk", "乙")
    with pytest.raises(Refused, match="too_many_filters"):
        keep(town, "clerk", "丙")


def test_phrases_come_ones_own_first_then_those_of_the_area_and_only_for_their_act(town: Town) -> None:
    street, other = town.areas["420599001"], town.areas["420599001002"]
    own = phrase(town, "clerk", "请尽快处理")
    shared = phrase(town, "clerk", "已派处置单位", act="dispatch", area_id=street.pk)
    elsewhere = phrase(town, "clerk", "乙社区的话", area_id=other.pk)
    west = town.areas["420599001001001"].path
    clerk = town.actor("clerk")
    assert phrases_for(clerk, act="dispatch", area_path=west) == [own, shared]
    assert phrases_for(clerk, act="note", area_path=west) == [own]
    assert phrases_of(clerk) == [own, shared, elsewhere]
    assert phrases_of(town.actor("worker")) == [shared]  # of the street above the worker's grid
    assert phrases_of(town.actor("outsider")) == []
    assert phrases_of(None) == []


def test_phrases_of_an_area_are_kept_by_its_desks(town: Town) -> None:
    street = town.areas["420599001"]
    shared = phrase(town, "clerk", "已派处置单位", area_id=street.pk)
    for name in ("worker", "outsider", "other_head"):
        with pytest.raises(NotAllowed):
            phrase(town, name, "不是我的", area_id=street.pk)
    with pytest.raises(NotAllowed):
        services.drop_phrase(actor=town.actor("worker"), at=START, phrase_id=shared.pk)
    with pytest.raises(NotFound):
        services.drop_phrase(actor=town.actor("outsider"), at=START, phrase_id=shared.pk)
    changed = services.edit_phrase(
        actor=town.actor("dispatcher"), at=START, phrase_id=shared.pk, text="已派单", short="/yp"
    )
    assert (changed.text, changed.short) == ("已派单", "yp")
    services.drop_phrase(actor=town.actor("clerk"), at=START, phrase_id=shared.pk)
    assert not Phrase.objects.exists()


@pytest.mark.parametrize(
    "said", [{"text": " "}, {"text": "长" * 501}, {"act": "dance"}, {"short": "a b"}, {"short": "长" * 13}]
)
def test_a_phrase_says_something_for_an_act_there_is(said: dict[str, str], town: Town) -> None:
    with pytest.raises(Invalid):
        phrase(town, "clerk", **{"text": "好", **said})


def test_how_things_stand_at_a_desk(town: Town) -> None:
    town.report(at=START - timedelta(days=1))
    asked = town.drive(town.report("inspector", grid=2), "sign")
    reason = {"reason": "not_ours", "text": "不属于环卫"}
    perform("request_return", asked.pk, actor=town.actor("handler"), at=START, data=reason)
    demand = {"text": "今天办结"}
    perform("supervise", asked.pk, actor=town.actor("leader"), at=LATER, data=demand)
    urgent = town.report("inspector", grid=3, description="井盖没了")
    condition = {"condition": town.conditions["cover"].pk}
    perform("file", urgent.pk, actor=town.actor("clerk"), at=START, data=condition)
    found = standing(town.actor("clerk"), STREET, since=START, at=LATER)
    assert found.stages == {"intake": 1, "dispatch": 1, "sign": 0, "handling": 1, "verify": 0}
    assert (found.active, found.reported, found.closed) == (3, 2, 0)
    assert (found.supervised, found.requests) == (1, 1)
    assert (found.urgent, found.emergencies) == (1, [urgent.number])
    assert found.overdue >= 1
    assert standing(town.actor("outsider"), STREET, since=START, at=LATER).active == 0


def test_the_next_shift_confirms_once_and_never_who_wrote(town: Town) -> None:
    town.report()
    written = note(town, text="  井盖要盯紧 ")
    assert written.text == "井盖要盯紧"
    assert written.counts["stages"]["intake"] == 1
    with pytest.raises(NotAllowed):
        services.confirm_note(actor=town.actor("clerk"), at=LATER, note_id=written.pk)
    with pytest.raises(NotAllowed):  # leaders read, but are no next shift
        services.confirm_note(actor=town.actor("leader"), at=LATER, note_id=written.pk)
    with pytest.raises(NotFound):
        services.confirm_note(actor=town.actor("outsider"), at=LATER, note_id=written.pk)
    town.give_post("inspector", "desk_clerk", "420599001")
    read = services.confirm_note(actor=town.actor("inspector"), at=LATER, note_id=written.pk)
    assert read.read_by == town.users["inspector"]
    town.give_post("worker2", "desk_clerk", "420599001")
    with pytest.raises(Refused, match="already_read"):
        services.confirm_note(actor=town.actor("worker2"), at=LATER, note_id=written.pk)
    acts = AuditEntry.objects.filter(subject_kind="desk.handovernote").values_list("act", flat=True)
    assert sorted(acts) == ["read_handover", "write_handover"]


def test_notes_are_seen_by_their_desk_and_by_who_leads_it(town: Town) -> None:
    street, district = note(town), note(town, "dispatcher")
    assert [one.pk for one in notes_of(town.actor("clerk"))] == [street.pk]
    assert [one.pk for one in notes_of(town.actor("dispatcher"))] == [district.pk]  # not of desks below
    assert {one.pk for one in notes_of(town.actor("leader"))} == {street.pk, district.pk}
    assert [one.pk for one in notes_of(town.actor("leader"), area_path=STREET)] == [street.pk]
    assert notes_of(town.actor("handler")) == []
    assert notes_of(town.actor("outsider")) == []
    assert notes_of(None) == []


def test_a_note_is_left_at_ones_own_desk_after_a_shift(town: Town) -> None:
    place = desks_of(town.actor("clerk"))[0]
    said = {"area_id": place.area_id, "grant": place.grant, "text": ""}
    with pytest.raises(NotAllowed):
        services.write_note(actor=town.actor("handler"), at=LATER, since=START, **said)
    for since in (LATER, LATER - LONGEST_SHIFT - timedelta(seconds=1), datetime.min.replace(tzinfo=UTC)):
        with pytest.raises(Invalid):
            services.write_note(actor=town.actor("clerk"), at=LATER, since=since, **said)
    services.write_note(actor=town.actor("clerk"), at=LATER, since=LATER - LONGEST_SHIFT, **said)
    with pytest.raises(Invalid):
        services.write_note(actor=town.actor("clerk"), at=LATER, since=START, **{**said, "text": "长" * 4001})

"""The form of every act comes from the act's declaration, and never loses what was sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from gezhi.faces.look.actforms import act_form
from gezhi.foundation.audit.errors import Invalid, Refused
from gezhi.foundation.files.models import File
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from tests.town import START, Town, picture

AT = START + timedelta(hours=1)


def sent(**fields: Any) -> MultiValueDict[str, Any]:
    return MultiValueDict(
        {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    )


def photo(name: str = "a.jpg", shade: int = 90) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(shade), content_type="image/jpeg")


@pytest.fixture
def handled(town: Town) -> Case:
    """A case its agency has signed for."""
    return town.drive(town.report(), "sign")


@pytest.mark.parametrize("code", sorted(ACTS))
def test_every_act_has_a_form_that_can_be_shown(code: str, handled: Case, town: Town) -> None:
    act = ACTS[code]
    form = act_form(act, handled, actor=town.actor("handler"), at=AT)
    html = str(form)
    for spec in act.inputs:
        assert f'name="{code}-{spec.name}' in html or spec.kind in (
            "user",
            "agency",
            "agencies",
            "part",
            "condition",
            "case",
        )


def test_what_was_sent_reaches_the_act(handled: Case, town: Town) -> None:
    actor = town.actor("handler")
    form = act_form(
        ACTS["report_result"],
        handled,
        actor=actor,
        at=AT,
        data=sent(**{"report_result-text": "已清运"}),
        files=sent(**{"report_result-photos": [photo()]}),
    )
    done = perform("report_result", handled.pk, actor=actor, at=AT, data=form.raw())
    assert done.answer == "已清运"
    assert Case.objects.get(pk=handled.pk).state == "verifying"


def test_a_refused_form_keeps_its_photos_and_says_what_is_wrong(handled: Case, town: Town) -> None:
    actor = town.actor("handler")
    form = act_form(
        ACTS["report_result"],
        handled,
        actor=actor,
        at=AT,
        data=sent(),
        files=sent(**{"report_result-photos": [photo()]}),
    )
    with pytest.raises(Invalid) as refused:
        perform("report_result", handled.pk, actor=actor, at=AT, data=form.raw())
    form.refuse(refused.value)
    assert list(form.errors) == ["text"]
    (kept,) = form.fields["photos"].widget.kept  # type: ignore[attr-defined]
    assert kept.token in str(form)
    again = act_form(
        ACTS["report_result"],
        handled,
        actor=actor,
        at=AT,
        data=sent(**{"report_result-text": "已清运", "report_result-photos-kept": [kept.token]}),
    )
    assert again.raw() == {"text": "已清运", "photos": [kept.file.pk]}


def test_nobody_can_hang_up_a_photo_by_its_number(handled: Case, town: Town) -> None:
    foreign = town.photo(33)
    data = sent(
        **{
            "progress-text": "x",
            "progress-photos": [str(foreign.pk)],
            "progress-photos-kept": [str(foreign.pk)],
        }
    )
    form = act_form(ACTS["progress"], handled, actor=town.actor("handler"), at=AT, data=data)
    assert form.raw()["photos"] == []


def test_a_file_that_is_no_photo_is_told_by_its_name_and_the_others_stay(handled: Case, town: Town) -> None:
    files = sent(**{"progress-photos": [photo(), SimpleUploadedFile("b.pdf", b"%PDF-1.4")]})
    form = act_form(ACTS["progress"], handled, actor=town.actor("handler"), at=AT, data=sent(), files=files)
    assert [text for text in form.errors["photos"] if text.startswith("b.pdf")]
    assert File.objects.filter(pk__in=form.raw()["photos"]).count() == 1


def test_the_agency_of_the_responsibility_list_is_offered_first(town: Town) -> None:
    filed = town.drive(town.report(), "file")
    form = act_form(ACTS["dispatch"], filed, actor=town.actor("clerk"), at=AT)
    html = str(form)
    san, odd = town.agencies["SAN"], town.agencies["ODD"]
    assert f'value="{san.pk}" id="id_dispatch-agency_0" checked' in html
    assert f'<option value="{odd.pk}">' in html


def test_another_agency_from_the_list_wins_over_the_button(town: Town) -> None:
    filed = town.drive(town.report(), "file")
    san, odd = town.agencies["SAN"], town.agencies["ODD"]
    data = sent(**{"dispatch-agency": [str(san.pk), str(odd.pk)]})
    form = act_form(ACTS["dispatch"], filed, actor=town.actor("clerk"), at=AT, data=data)
    assert form.raw()["agency"] == str(odd.pk)


def test_a_refusal_without_fields_stands_on_top(handled: Case, town: Town) -> None:
    form = act_form(ACTS["sign"], handled, actor=town.actor("handler"), at=AT, data=sent())
    form.refuse(Refused("wrong_state", "somebody was first"))
    assert form.non_field_errors() == ["somebody was first"]


def test_a_place_is_read_from_its_two_numbers(town: Town) -> None:
    case = town.report()
    data = sent(**{"file-point-lon": "112.501", "file-point-lat": "30.201"})
    form = act_form(ACTS["file"], case, actor=town.actor("clerk"), at=AT, data=data)
    assert form.raw()["point"] == "112.501,30.201"

"""Calendar, catalogue, responsibility list and rules of the district in the settings."""

from datetime import date

import pytest
from django.test import Client

from gezhi.foundation.clocks.models import CalendarDay
from gezhi.foundation.clocks.queries import calendar
from gezhi.work.cases.policy import rules_for
from gezhi.work.matters.models import CatalogueVersion, Condition, Duty, MatterItem, ResponsibilityRule
from tests.town import Town

ROOT = "/desk/settings"


@pytest.fixture
def admin(town: Town) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(town.users["admin"])
    return client


# -- calendar


def test_a_month_shows_official_and_own_days(town: Town, admin: Client) -> None:
    admin.post(f"{ROOT}/calendar/?month=2026-03&day=2026-03-03", {"working": "rest", "note": "测试停工"})
    assert CalendarDay.objects.get(date=date(2026, 3, 3)).working is False
    page = admin.get(f"{ROOT}/calendar/?month=2026-03")
    day = page.context["weeks"][1][1]
    assert (day.date, day.working, day.source, day.note) == (date(2026, 3, 3), False, "override", "测试停工")
    assert page.context["official"] is True


def test_a_day_goes_back_to_the_official_list(town: Town, admin: Client) -> None:
    address = f"{ROOT}/calendar/?month=2026-03&day=2026-03-03"
    admin.post(address, {"working": "rest"})
    assert admin.get(address).context["form"]["working"].value() == "rest"
    admin.post(address, {"working": "list"})
    assert not CalendarDay.objects.exists()
    again = admin.post(address, {"working": "list"})
    assert again.status_code == 422
    assert "follows the official list already" in again.content.decode()


def test_a_day_needs_an_answer_and_a_short_note(town: Town, admin: Client) -> None:
    page = admin.post(f"{ROOT}/calendar/?day=2026-03-03", {"note": "长" * 81})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"working", "note"}


def test_a_year_without_an_official_list_is_warned_of(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/calendar/?month=2090-05")
    assert page.context["official"] is False
    assert "The official list of 2090 is not known here." in page.content.decode()


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "x-y", "1-1", "99999999999-1", "2026-²"])
def test_a_month_that_is_none_shows_the_present_one(town: Town, admin: Client, month: str) -> None:
    assert admin.get(f"{ROOT}/calendar/", {"month": month, "day": month}).status_code == 200


def test_working_hours_are_set_from_a_day_on(town: Town, admin: Client) -> None:
    said = {"since": "2026-01-01", "begin1": "09:00", "end1": "12:00", "begin2": "13:00", "end2": "18:00"}
    assert admin.post(f"{ROOT}/calendar/hours/", said).status_code == 302
    assert calendar().day_seconds == 8 * 3600
    half = admin.post(f"{ROOT}/calendar/hours/", {**said, "end2": ""})
    assert (half.status_code, set(half.context["hours_form"].errors)) == (422, {"end2"})
    crossed = admin.post(f"{ROOT}/calendar/hours/", {**said, "begin2": "11:00"})
    assert crossed.status_code == 422
    assert "in order" in crossed.content.decode()


# -- catalogue


def draft_of(admin: Client) -> CatalogueVersion:
    admin.post(f"{ROOT}/catalogue/draft/", {"name": "二版"})
    return CatalogueVersion.objects.get(state="draft")


def condition_form(what: object, **change: str) -> dict[str, str]:
    """The form of a condition as it is sent; `what` is its id, or "new"."""
    said = {
        "text_zh": "暴露垃圾两处以上",
        "text_en": "Two or more heaps",
        "limit_amount": "2.5",
        "limit_kind": "work_hours",
        "closing_zh": "垃圾清净",
        "closing_en": "All cleared",
        "evidence_report": "1",
        "evidence_result": "2",
        "evidence_verify": "1",
        "responsible_district": "",
        **change,
    }
    return {"what": str(what), **{f"{what}-{key}": value for key, value in said.items()}}


def test_the_tree_is_browsed_and_searched(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/catalogue/1/")
    assert [len(classes) for _label, classes in page.context["kinds"]] == [1, 1, 1]
    found = admin.get(f"{ROOT}/catalogue/1/?q=垃圾").context["found"]
    assert [item.name for item in found] == ["暴露垃圾"]
    assert "Nothing fits" in admin.get(f"{ROOT}/catalogue/1/?q=没有的事").content.decode()
    assert admin.get(f"{ROOT}/catalogue/99/").status_code == 404
    assert admin.get(f"{ROOT}/catalogue/1/event/9999/").status_code == 404


def test_a_draft_is_revised_and_published(town: Town, admin: Client) -> None:
    Duty.objects.create(code="sanitation", name="环卫", name_en="Sanitation")
    draft = draft_of(admin)
    item = MatterItem.objects.get(version=draft, code="0110")
    address = f"{ROOT}/catalogue/{draft.number}/event/0110/"
    condition = item.conditions.get()
    said = condition_form(condition.pk, responsible_district="sanitation")
    assert admin.post(address, said).status_code == 302
    condition.refresh_from_db()
    assert (str(condition.limit_amount), condition.text_zh) == ("2.50", "暴露垃圾两处以上")
    assert condition.evidence == {"report": 1, "result": 2, "verify": 1}
    assert condition.responsible == {"district": "sanitation"}
    assert admin.post(address, {"what": "item", "aliases": "垃圾堆", "public": "on"}).status_code == 302
    item.refresh_from_db()
    assert (item.aliases, item.public, item.solve_on_spot) == ("垃圾堆", True, False)
    admin.post(f"{ROOT}/catalogue/{draft.number}/publish/")
    draft.refresh_from_db()
    assert draft.state == "published"
    assert admin.post(address, said).status_code == 422


def test_conditions_are_added_to_a_draft_and_removed(town: Town, admin: Client) -> None:
    Duty.objects.create(code="sanitation", name="环卫", name_en="Sanitation")
    draft = draft_of(admin)
    item = MatterItem.objects.get(version=draft, code="0110")
    address = f"{ROOT}/catalogue/{draft.number}/event/0110/"
    said = condition_form("new", responsible_district="sanitation")
    half = admin.post(address, {**said, "new-text_zh": ""})
    assert (half.status_code, set(half.context["new_form"].errors)) == (422, {"text_zh"})
    assert "Two or more heaps" in half.content.decode()
    assert admin.post(address, said).status_code == 302
    first, second = item.conditions.all()
    assert (second.number, second.text_zh) == (2, "暴露垃圾两处以上")
    for condition in (first, second):
        assert admin.post(f"{address}{condition.pk}/remove/").status_code == 302
    assert not item.conditions.exists()
    assert "No filing condition yet" in admin.get(address).content.decode()
    published = Condition.objects.get(item__version__number=1, item__code="0110")
    assert admin.post(f"{address}{published.pk}/remove/").status_code == 409


def test_what_does_not_fit_a_condition_is_said_beside_its_field(town: Town, admin: Client) -> None:
    draft = draft_of(admin)
    condition = Condition.objects.get(item__version=draft, item__code="0110")
    address = f"{ROOT}/catalogue/{draft.number}/event/0110/"
    said = condition_form(condition.pk, limit_amount="0", text_zh="", evidence_result="10")
    page = admin.post(address, said)
    assert page.status_code == 422
    form = page.context["conditions"][0]["form"]
    assert set(form.errors) == {"limit_amount", "text_zh", "evidence_result"}
    nobody = admin.post(address, condition_form(condition.pk))
    assert set(nobody.context["conditions"][0]["form"].errors) == {"responsible_community"}


def test_one_draft_at_a_time_and_it_can_be_thrown_away(town: Town, admin: Client) -> None:
    draft = draft_of(admin)
    again = admin.post(f"{ROOT}/catalogue/draft/", {"name": "三版"})
    assert again.status_code == 422
    assert "A draft is being worked on already" in again.content.decode()
    admin.post(f"{ROOT}/catalogue/{draft.number}/discard/")
    assert not CatalogueVersion.objects.filter(state="draft").exists()
    assert admin.post(f"{ROOT}/catalogue/1/discard/").status_code == 409


# -- responsibility


def test_a_line_is_written_replaced_and_taken_off(town: Town, admin: Client) -> None:
    address = f"{ROOT}/responsibility/?area=420599001"
    said = {
        "matter": "event:01:0110",
        "step1": "agency:WAT",
        "step2": "agency:SAN",
        "starting_level": "street",
    }
    assert admin.post(address, said).status_code == 302
    rule = ResponsibilityRule.objects.get(ended_at=None)
    assert (rule.area.code, rule.kind, rule.class_code, rule.item_code) == (
        "420599001",
        "event",
        "01",
        "0110",
    )
    assert rule.chain == [{"agency": "WAT"}, {"agency": "SAN"}]
    line = admin.get(address).context["here"][0]
    assert (line.matter, line.chain) == ("0110 暴露垃圾", ["测试供水公司", "测试环卫所"])
    admin.post(address, {**said, "step1": "agency:SAN", "step2": ""})
    rule = ResponsibilityRule.objects.get(ended_at=None)
    assert rule.chain == [{"agency": "SAN"}]
    below = admin.get(f"{ROOT}/responsibility/?area=420599001001")
    assert [line.rule for line in below.context["above"]] == [rule]
    admin.post(f"{ROOT}/responsibility/{rule.pk}/end/?area=420599001")
    assert not ResponsibilityRule.objects.filter(ended_at=None).exists()


def test_a_line_names_somebody(town: Town, admin: Client) -> None:
    page = admin.post(f"{ROOT}/responsibility/?area=420599001", {"matter": "event", "step1": ""})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["step1"])


# -- rules


def test_a_preset_is_compared_and_adopted(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/rules/?preset=district_centre")
    differing = [row.label for _title, rows in page.context["groups"] for row in rows if row.other]
    assert differing == [
        "The desk is at",
        "A result is sent to be verified",
        "A case that passed is closed",
        "Loops are called",
    ]
    admin.post(f"{ROOT}/rules/?area=420599001", {"preset": "district_centre"})
    assert rules_for(town.areas["420599001"].path).desk_level == "district"
    assert rules_for(town.areas["420599"].path).desk_level == "street"


def test_an_unknown_preset_is_refused_with_words(town: Town, admin: Client) -> None:
    page = admin.post(f"{ROOT}/rules/", {"preset": "paradise"}, follow=True)
    assert "Choose one of the presets." in page.content.decode()
    assert rules_for("420599/").desk_level == "street"


def test_every_limit_of_the_rules_is_shown(town: Town, admin: Client) -> None:
    from gezhi.faces.console.settings.policy import LIMITS

    assert set(LIMITS) == set(rules_for("420599/").limits)

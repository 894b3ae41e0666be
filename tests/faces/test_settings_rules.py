"""Calendar, catalogue, responsibility list and rules of the district in the settings."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localtime

from gezhi.foundation.clocks.models import CalendarDay, OfficialList
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import Limit, LimitKind
from gezhi.work.cases.models import Policy
from gezhi.work.cases.policy import rules_for
from gezhi.work.cases.rulebook import BOOK, label
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
    refused = admin.post(f"{ROOT}/calendar/hours/", {})
    assert refused.status_code == 422
    assert f'href="{ROOT}/calendar/?month=' in refused.text
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


def form_of(page: Any) -> dict[str, Any]:
    """What a browser would send back of the form as it came."""
    form = page.context["form"]
    return {field.html_name: field.value() for field in form if field.value() is not None}


def test_a_preset_is_compared_and_adopted(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/rules/?preset=district_centre")
    differing = [row.label for _title, rows in page.context["groups"] for row in rows if row.other]
    assert {
        "The desk is at",
        "A result is sent to be verified",
        "A case that passed is closed",
        "The loop at district level is called",
    } <= set(differing)
    assert [row.label for row in page.context["met"]] == differing
    admin.post(f"{ROOT}/rules/?area=420599001", {"preset": "district_centre"})
    assert rules_for(town.areas["420599001"].path).desk_level == "district"
    assert rules_for(town.areas["420599"].path).desk_level == "street"


def test_an_unknown_preset_is_refused_with_words(town: Town, admin: Client) -> None:
    page = admin.post(f"{ROOT}/rules/", {"preset": "paradise"}, follow=True)
    assert "Choose one of the presets." in page.content.decode()
    assert rules_for("420599/").desk_level == "street"


def test_rules_are_changed_after_a_look_at_what_it_touches(town: Town, admin: Client) -> None:
    town.report()
    address = f"{ROOT}/rules/edit/?area=420599"
    said = form_of(admin.get(address)) | {
        "limits.intake:amount": "1",
        "limits.intake:unit": "work_hours",
        "auto_close": "no",
        "rework_share": "60",
        "note": "受理席人手不够",
    }
    look = admin.post(address, {**said, "step": "look"})
    assert [(row.label, row.value, row.other) for row in look.context["met"]] == [
        ("A case that passed is closed", "by itself", "by a person"),
        ("Take a report in and file it", "30 minutes (working time)", "1 hour (working time)"),
        ("Limit of a rework, of the handling limit", "50 %", "60 %"),
    ]
    assert "1 limit running keeps its length." in look.content.decode()
    assert Policy.objects.count() == 1
    kept = dict(look.context["said"])
    again = admin.post(address, {**kept, "step": "edit"})
    assert again.context["form"]["note"].value() == "受理席人手不够"
    assert admin.post(address, {**kept, "step": "save"}).status_code == 302
    rules = rules_for("420599/")
    assert (rules.auto_close, rules.rework_share, rules.limits["intake"]) == (
        False,
        0.6,
        Limit(LimitKind.WORK_HOURS, Decimal(1)),
    )
    newest, changed = admin.get(f"{ROOT}/rules/?area=420599").context["versions"][0]
    assert (newest.version, newest.note, newest.who, changed) == (2, "受理席人手不够", "测试·系统管理员", 3)


def test_what_is_wrong_with_a_rule_stands_beside_it_and_nothing_is_lost(town: Town, admin: Client) -> None:
    address = f"{ROOT}/rules/edit/?area=420599"
    said = form_of(admin.get(address)) | {
        "limits.sign:amount": "0",
        "limits.handle_unknown:amount": "9999",
        "recheck_percent": "101",
        "loop_names.city": "市级大循环",
        "note": "试",
    }
    page = admin.post(address, {**said, "step": "look"})
    assert page.status_code == 422
    assert {"limits.sign:amount", "recheck_percent"} <= set(page.context["form"].errors)
    assert page.context["form"]["loop_names.city"].value() == "市级大循环"
    said |= {"limits.sign:amount": "1", "recheck_percent": "5"}
    page = admin.post(address, {**said, "step": "save"})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"limits.handle_unknown:amount"})
    said |= {"limits.handle_unknown:amount": "9", "approvers.second_extension": "community"}
    page = admin.post(address, {**said, "step": "save"})
    assert set(page.context["form"].errors) == {"approvers.second_extension"}
    assert Policy.objects.count() == 1


def test_two_who_change_the_rules_at_once_do_not_undo_each_other(town: Town, admin: Client) -> None:
    address = f"{ROOT}/rules/edit/?area=420599"
    said = form_of(admin.get(address))
    first = admin.post(address, {**said, "urge_hours": "12", "step": "save"})
    second = admin.post(address, {**said, "urge_hours": "6", "step": "save"})
    assert (first.status_code, second.status_code) == (302, 422)
    assert "测试·系统管理员 changed these rules" in second.content.decode()
    assert rules_for("420599/").urge_hours == 12


def test_an_unchanged_form_says_so(town: Town, admin: Client) -> None:
    address = f"{ROOT}/rules/edit/?area=420599"
    page = admin.post(address, {**form_of(admin.get(address)), "step": "look"})
    assert "Nothing differs from the rules that hold now." in page.content.decode()


def test_versions_are_compared_and_an_older_one_holds_again(town: Town, admin: Client) -> None:
    address = f"{ROOT}/rules/edit/?area=420599"
    admin.post(address, {**form_of(admin.get(address)), "urge_hours": "12", "step": "save"})
    page = admin.get(f"{ROOT}/rules/versions/2/?area=420599&with=1")
    assert [(row.label, row.value, row.other) for row in page.context["compared"]] == [
        ("An asker may urge again after", "24 hours", "12 hours")
    ]
    assert admin.get(f"{ROOT}/rules/versions/9/?area=420599").status_code == 404
    admin.post(f"{ROOT}/rules/versions/1/again/?area=420599", {"note": "还是原来的好"})
    assert (rules_for("420599/").urge_hours, Policy.objects.latest("version").again) == (24, 1)


def test_rules_of_another_district_cannot_be_set(town: Town, admin: Client) -> None:
    for method in (admin.get, admin.post):
        assert method(f"{ROOT}/rules/edit/?area=420600").status_code in (403, 404, 422)
    admin.post(f"{ROOT}/rules/versions/1/again/?area=420600")
    assert set(Policy.objects.values_list("area__code", flat=True)) == {"420599"}


def test_every_rule_is_shown_and_days_are_calendar_days(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/rules/")
    shown = {row.label: row.value for _title, rows in page.context["groups"] for row in rows}
    unnamed = {"The loop at district level is called", "The loop at city level is called"}
    assert set(shown) == {label(word) for word in BOOK} - unnamed
    assert shown["A refusal can be reviewed for"] == "10 calendar days"


# -- years


LIST = "日期,休/班,名称\n2060-01-01,休,元旦\n2月2日至2月8日,休,春节\n2060-01-31（周六）,班,春节调休\n"


def test_a_years_list_is_looked_at_and_then_taken(town: Town, admin: Client) -> None:
    address = f"{ROOT}/calendar/years/2060/list/"
    look = admin.post(address, {"text": LIST})
    assert (look.status_code, len(look.context["reading"].days)) == (200, 9)
    assert any(one.working for one in look.context["changes"])
    assert not OfficialList.objects.exists()
    assert admin.post(address, {"text": look.context["said"], "step": "take"}).status_code == 302
    assert calendar().working_days(date(2060, 1, 31)) is True
    page = admin.get(f"{ROOT}/calendar/years/2060/")
    assert (page.context["official"], page.context["imported"].taken_by) == (True, "测试·系统管理员")
    assert admin.post(f"{address}drop/").status_code == 302
    assert calendar().working_days(date(2060, 1, 31)) is False


def test_every_wrong_line_is_told_and_nothing_is_taken(town: Town, admin: Client) -> None:
    wrong = LIST + "2060-02-30,休,没有这天\n2060-05-04,班,周二\n一月一日,休\n"
    page = admin.post(f"{ROOT}/calendar/years/2060/list/", {"text": wrong, "step": "take"})
    assert (page.status_code, [one.line for one in page.context["reading"].errors]) == (422, [5, 6, 7])
    assert "没有这天" in page.context["form"]["text"].value()
    assert not OfficialList.objects.exists()


def test_a_list_comes_as_a_file_in_either_encoding(town: Town, admin: Client) -> None:
    address = f"{ROOT}/calendar/years/2060/list/"
    for encoding in ("utf-8-sig", "gb18030"):
        upload = SimpleUploadedFile("list.csv", LIST.encode(encoding))
        page = admin.post(address, {"file": upload})
        assert [day.name for day in page.context["reading"].days][:2] == ["元旦", "春节调休"]
    page = admin.post(address, {"file": SimpleUploadedFile("list.xlsx", b"PK\x03\x04\xff\xff\x00")})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"file"})


def test_an_export_can_be_imported_again(town: Town, admin: Client) -> None:
    export = admin.get(f"{ROOT}/calendar/years/2026/list.csv").content.decode("utf-8-sig")
    page = admin.post(f"{ROOT}/calendar/years/2026/list/", {"text": export})
    assert (page.status_code, page.context["changes"], page.context["reading"].odd) == (200, [], [])


def test_whoever_keeps_the_calendar_is_told_today_of_a_year_without_its_list(
    town: Town, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.faces.console.today.year_is_official", lambda year: False)
    missing = admin.get("/desk/")
    year = missing.context["calendar_missing"]
    assert year == missing.context["desk"].at.year
    assert f"{ROOT}/calendar/years/{year}/list/" in missing.content.decode()
    clerk = Client()
    clerk.force_login(town.users["clerk"])
    assert clerk.get("/desk/").context["calendar_missing"] == 0


# -- when is it due


def test_the_limits_of_a_matter_are_worked_out(town: Town, admin: Client) -> None:
    asked = {"way": "matter", "start": "2026-03-06T15:00", "condition": town.conditions["rubbish"].pk}
    rows = {row.told.name: row for row in admin.get("/desk/due/", asked).context["rows"]}
    handle = rows["handle"].told.points  # four working hours from Friday at three
    assert [f"{localtime(one):%m-%d %H:%M}" for one in (handle.half, handle.warn, handle.due, handle.overdue)] == [
        "03-06 17:00", "03-09 08:12", "03-09 09:00", "03-09 10:00",
    ]  # fmt: skip
    days = [(f"{day.date:%m-%d}", day.hours, day.reason) for day in rows["handle"].days]
    assert days == [
        ("03-06", "15:00–18:00", ""), ("03-07", "", "weekend"), ("03-08", "", "weekend"),
        ("03-09", "08:00–09:00", ""),
    ]  # fmt: skip
    assert {"intake", "dispatch", "sign", "whole"} <= rows.keys()


def test_a_limit_given_by_hand_is_worked_out_and_a_missing_list_is_told(town: Town, admin: Client) -> None:
    asked = {"way": "limit", "start": "2059-12-31T17:00", "amount": "1", "unit": "work_days"}
    page = admin.get("/desk/due/", asked)
    (row,) = page.context["rows"]
    assert (row.limit, page.context["years"]) == ("1 working day", [2059, 2060])
    assert "The official list of holidays of 2060 is not known here." in page.content.decode()


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"start": "soon"}, "start"),
        ({"start": "1815-06-18T10:00"}, "start"),
        ({"way": "limit", "unit": "work_days"}, "amount"),
        ({"way": "limit", "amount": "-1", "unit": "work_days"}, "amount"),
        ({"way": "limit", "amount": "1", "unit": "weeks"}, "unit"),
        ({"condition": "999999"}, "condition"),
        ({"condition": "x"}, "condition"),
    ],
)
def test_what_cannot_be_worked_out_is_said_beside_its_field(
    town: Town, admin: Client, said: dict[str, str], wrong: str
) -> None:
    page = admin.get("/desk/due/", {"way": "matter", "start": "2026-03-06T15:00", **said})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {wrong})


def test_the_clocks_of_a_case_are_for_who_sees_the_case(town: Town) -> None:
    case = town.report()
    pages = [f"/desk/cases/{case.number}/clocks/"]
    pages += [f"{pages[0]}{clock.pk}/" for clock in case.clocks.all()]
    other = town.report()
    for name, status in (("clerk", 200), ("worker", 200), ("outsider", 404), ("admin", 404)):
        client = Client()
        client.force_login(town.users[name])
        assert {client.get(page).status_code for page in pages} == {status}, name
    clerk = Client()
    clerk.force_login(town.users["clerk"])
    strange = other.clocks.first()
    assert strange is not None
    assert clerk.get(f"{pages[0]}{strange.pk}/").status_code == 404

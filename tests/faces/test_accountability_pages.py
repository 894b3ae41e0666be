"""The pages of responsibility: who opens which, what they show, and that no mistake loses what was typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gezhi.foundation.actors.models import Post
from gezhi.foundation.audit.models import AuditEntry
from gezhi.oversight.accountability.models import Finding
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from tests.faces.calling import program, stranger
from tests.town import START, Town

ROOT = "/desk/accountability/"
CAST = (
    "worker", "inspector", "clerk", "desk", "dispatcher", "call_back", "head", "handler", "other_head", "leader",
    "appraiser", "admin", "auditor", "outsider",
)  # fmt: skip


class Office:
    """One case that stuck at the sanitation station this March, with whoever looks at it today."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.case = town.report()
        moment = START
        for act, who, told in (
            ("file", "clerk", {"condition": town.conditions["rubbish"].pk}),
            ("dispatch", "clerk", {"agency": town.agencies["SAN"].pk}),
            ("sign", "handler", {}),
        ):
            moment += timedelta(hours=1)
            perform(act, self.case.pk, actor=town.actor(who), at=moment, data=told)
        self.case = Case.objects.get(pk=self.case.pk)

    def client(self, who: str) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(self.town.users[who])
        return client

    def stretch(self) -> str:
        """The station's time: it begins with the third event."""
        return "owner-3"

    def said(self, **more: Any) -> dict[str, Any]:
        subject = f"agency-{self.town.agencies['SAN'].pk}"
        return {"subject": subject, "kind": "talk", "reason": "签收晚了半小时", "on": "2026-03-03", **more}

    def record(self, **more: Any) -> Any:
        address = f"{ROOT}cases/{self.case.number}/record/{self.stretch()}/"
        return self.client("leader").post(address, self.said(**more))

    def finding(self) -> Finding:
        assert self.record().status_code == 302
        return Finding.objects.get()


@pytest.fixture
def office(town: Town) -> Office:
    return Office(town)


def test_who_opens_which_page(office: Office) -> None:
    finding = office.finding()
    pages = {
        "": set(CAST),
        f"{finding.pk}/": {"head", "handler", "leader", "auditor"},
        f"cases/{office.case.number}/": {
            "worker", "inspector", "clerk", "desk", "dispatcher", "call_back", "head", "handler", "leader",
            "appraiser",
        },
        f"cases/{office.case.number}/record/{office.stretch()}/": {"leader"},
        "stuck/": {"clerk", "desk", "leader", "appraiser"},
        "stuck/cases/": {"clerk", "desk", "leader", "appraiser"},
        "stuck/export.csv": {"clerk", "desk", "leader", "appraiser"},
    }  # fmt: skip
    for page, allowed in pages.items():
        opened = {name for name in CAST if office.client(name).get(ROOT + page).status_code == 200}
        assert opened == allowed, page
        refused = office.client("outsider" if page else "leader").get(ROOT + page).status_code
        assert refused in ((403, 404) if page else (200,))
        assert Client().get(ROOT + page).status_code == 302


def test_who_cannot_see_a_finding_cannot_appeal_or_decide_it_either(office: Office) -> None:
    finding = office.finding()
    for name in set(CAST) - {"head", "handler", "leader", "auditor"}:
        for act in ("appeal", "decide"):
            answer = office.client(name).post(f"{ROOT}{finding.pk}/{act}/", {"reason": "x"})
            assert answer.status_code == 404, name
    assert Finding.objects.get().state == "recorded"


def test_the_rail_shows_responsibility_to_those_whose_work_it_is(office: Office) -> None:
    shown = set()
    for name in CAST:
        page = office.client(name).get("/desk/")
        if any(item.key == "accountability" for item in page.context["nav"]):
            shown.add(name)
    assert shown == {"clerk", "desk", "head", "other_head", "leader", "appraiser", "auditor"}


def test_the_first_page_tells_who_may_appeal_and_who_has_one_to_decide(office: Office) -> None:
    def listed(name: str) -> list[str]:
        page = office.client(name).get("/desk/")
        return [one.words for one in page.context["keeping"] if "accountability" in one.url]

    finding = office.finding()
    office.town.give_post("appraiser", "approver", "420599")
    assert {name for name in CAST if listed(name)} == {"head"}
    office.client("head").post(f"{ROOT}{finding.pk}/appeal/", {"reason": "停电"})
    assert {name for name in CAST if listed(name)} == {"appraiser"}
    assert listed("appraiser") == ["appeals to decide"]


def test_the_way_names_every_hand_and_marks_what_was_late(office: Office) -> None:
    page = office.client("leader").get(f"{ROOT}cases/{office.case.number}/")
    told = [(leg.owed, leg.stuck) for leg, _found in page.context["legs"]]
    assert told == [("intake", True), ("dispatch", True), ("handling", True)]
    assert "Overdue 30 minutes" in page.content.decode()
    assert page.content.decode().count("Record a finding") == 3
    assert (
        "Record a finding"
        not in office.client("clerk").get(f"{ROOT}cases/{office.case.number}/").content.decode()
    )


def test_a_leader_records_and_the_case_page_leads_there(office: Office) -> None:
    assert (
        f"{ROOT}cases/{office.case.number}/"
        in office.client("leader").get(f"/desk/cases/{office.case.number}/").content.decode()
    )
    answer = office.record()
    finding = Finding.objects.get()
    assert answer["Location"].endswith(f"{ROOT}{finding.pk}/")
    page = office.client("head").get(answer["Location"]).content.decode()
    assert "签收晚了半小时" in page
    assert "1 hour of 30 minutes" in page


def test_a_mistake_keeps_what_was_typed(office: Office) -> None:
    answer = office.record(on="2026-02-01")
    assert answer.status_code == 422
    assert "签收晚了半小时" in answer.content.decode()
    assert answer.context["form"].errors.keys() == {"on"}
    assert not Finding.objects.exists()


def test_a_leader_within_the_agency_is_told_that_another_must(office: Office) -> None:
    Post.objects.filter(user=office.town.users["leader"]).update(agency=office.town.agencies["SAN"])
    page = office.client("leader").get(f"{ROOT}cases/{office.case.number}/record/{office.stretch()}/")
    assert "There is nobody you could record this about" in page.content.decode()


def test_an_appeal_is_made_and_decided_on_the_page(office: Office) -> None:
    finding = office.finding()
    office.town.give_post("appraiser", "approver", "420599")
    head, other = office.client("head"), office.client("appraiser")
    assert head.post(f"{ROOT}{finding.pk}/appeal/", {"reason": ""}).status_code == 422
    assert head.post(f"{ROOT}{finding.pk}/appeal/", {"reason": "停电"}).status_code == 302
    assert head.get(f"{ROOT}{finding.pk}/").context["appeal_form"] is None
    assert office.client("leader").get(f"{ROOT}{finding.pk}/").context["decide_form"] is None
    assert other.get(f"{ROOT}{finding.pk}/").context["decide_form"] is not None
    worse = {"decision": "changed", "kind": "accountability", "reason": "情况属实"}
    answer = other.post(f"{ROOT}{finding.pk}/decide/", worse)
    assert answer.status_code == 422
    assert "情况属实" in answer.content.decode()
    assert other.post(f"{ROOT}{finding.pk}/decide/", {**worse, "kind": "reminder"}).status_code == 302
    assert Finding.objects.get().kind == "reminder"
    assert "Something milder instead" in head.get(f"{ROOT}{finding.pk}/").content.decode()


def test_a_photo_of_an_appeal_is_for_who_sees_the_finding(office: Office) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.town import picture

    finding = office.finding()
    sent = {"reason": "停电", "photos": SimpleUploadedFile("p.jpg", picture(33))}
    office.client("head").post(f"{ROOT}{finding.pk}/appeal/", sent)
    file = Finding.objects.get().appeal.photos.get()
    address = f"{ROOT}{finding.pk}/photos/{file.sha256}/thumb/"
    answers = {name: office.client(name).get(address).status_code for name in ("leader", "head", "clerk")}
    assert answers == {"leader": 200, "head": 200, "clerk": 404}


def test_a_finding_nobody_else_can_decide_says_so(office: Office) -> None:
    finding = office.finding()
    office.client("head").post(f"{ROOT}{finding.pk}/appeal/", {"reason": "停电"})
    assert (
        "Nobody can decide this appeal now"
        in office.client("leader").get(f"{ROOT}{finding.pk}/").content.decode()
    )


def test_the_empty_list_says_how_findings_come_about_and_a_filter_how_to_widen(office: Office) -> None:
    leader = office.client("leader")
    assert "Nothing was found so far" in leader.get(ROOT).content.decode()
    assert "No finding fits this filter" in leader.get(f"{ROOT}?kind=talk").content.decode()
    office.finding()
    assert len(leader.get(f"{ROOT}?kind=talk&state=recorded").context["rows"]) == 1
    strange = "?kind=x&state=y&month=9999-12&agency=abc&after=-1"
    assert len(leader.get(ROOT + strange).context["rows"]) == 1


def test_a_long_reason_stays_within_the_page(office: Office) -> None:
    finding = office.finding()
    Finding.objects.update(reason="长" * 2000)
    assert office.client("leader").get(ROOT).status_code == 200
    assert "长" * 2000 in office.client("leader").get(f"{ROOT}{finding.pk}/").content.decode()


@pytest.mark.parametrize("by", ["stage", "agency", "item", "area", "month", "nonsense"])
def test_the_statistics_open_by_every_dimension_and_explain_themselves(office: Office, by: str) -> None:
    page = office.client("leader").get(f"{ROOT}stuck/?month=2026-03&by={by}")
    assert page.context["total"].over >= 3
    assert "How this is counted" in page.content.decode()
    rows = page.context["rows"]
    assert rows
    for row in rows:
        for address in (row.links.get("over"), row.url):
            if address:
                assert office.client("leader").get(address).status_code == 200


def test_statistics_of_a_time_without_cases_say_what_to_do(office: Office) -> None:
    page = office.client("leader").get(f"{ROOT}stuck/?month=2020-01").content.decode()
    assert "Nothing to judge yet" in page


def test_a_figure_leads_to_its_cases_with_the_limits_passed(office: Office) -> None:
    page = office.client("leader").get(f"{ROOT}stuck/?month=2026-03&by=stage")
    sign = next(row for row in page.context["rows"] if row.name == "Sign for")
    behind = office.client("leader").get(sign.links["over"])
    assert [row["case"].number for row in behind.context["rows"]] == [office.case.number]
    assert "Overdue 30 minutes" in behind.content.decode()


def test_the_statistics_leave_as_csv_and_that_is_on_record(office: Office) -> None:
    answer = office.client("leader").get(f"{ROOT}stuck/export.csv?month=2026-03&by=agency")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert lines[0].startswith("agency,Spans,Over limit")
    assert lines[-1].startswith("All together,")
    assert AuditEntry.objects.get(act="stuck.export").detail["month"] == "2026-03"


def test_nothing_of_it_is_public(office: Office) -> None:
    finding = office.finding()
    for path in ("/findings", f"/findings/{finding.pk}", f"/cases/{office.case.number}/way", "/stuck"):
        assert stranger().get(path).status_code == 401


# ---- the same over the API


def test_a_program_reads_the_way_and_records_a_finding(office: Office) -> None:
    leader = program(office.town, "leader")
    way = leader.get(f"/cases/{office.case.number}/way").json()
    part = way[-1]
    assert (part["key"], part["grant"], part["late"]) == (office.stretch(), "handle", way[-1]["late"])
    whom = part["subjects"][0]
    assert whom["kinds"] == ["reminder", "talk", "bulletin", "accountability"]
    body = {
        "stretch": part["key"],
        "subject": whom["key"],
        "kind": "reminder",
        "reason": "晚签",
        "on": "2026-03-03",
    }
    made = leader.post(f"/cases/{office.case.number}/findings", body)
    assert made.status_code == 201
    assert made.json()["facts"]["late"] == part["late"]
    assert leader.post(f"/cases/{office.case.number}/findings", body).status_code == 409
    assert leader.post(f"/cases/{office.case.number}/findings", {**body, "kind": "gossip"}).status_code == 422
    clerk = program(office.town, "clerk")
    assert clerk.post(f"/cases/{office.case.number}/findings", body).status_code == 403
    assert clerk.get(f"/cases/{office.case.number}/way").json()[0]["subjects"] == []
    assert program(office.town, "outsider").get(f"/cases/{office.case.number}/way").status_code == 404


def test_a_program_appeals_and_decides(office: Office) -> None:
    finding = office.finding()
    office.town.give_post("appraiser", "approver", "420599")
    head, other = program(office.town, "head"), program(office.town, "appraiser")
    assert head.get(f"/findings/{finding.pk}").json()["may"] == ["appeal"]
    told = {"reason": "停电", "photos": [head.photo_id()]}
    answer = head.post(f"/findings/{finding.pk}/appeal", told).json()
    assert (answer["state"]["code"], len(answer["appeal"]["photos"])) == ("appealed", 1)
    assert head.client.get(answer["appeal"]["photos"][0]["thumb"], headers=head.headers).status_code == 200
    assert head.post(f"/findings/{finding.pk}/appeal", told).status_code == 409
    decision = {"decision": "withdrawn", "reason": "停电属实"}
    assert (
        program(office.town, "leader").post(f"/findings/{finding.pk}/decision", decision).status_code == 403
    )
    assert other.post(f"/findings/{finding.pk}/decision", decision).json()["state"]["code"] == "withdrawn"
    assert other.post(f"/findings/{finding.pk}/decision", decision).status_code == 409


def test_a_key_without_the_scope_to_act_only_reads(office: Office) -> None:
    finding = office.finding()
    reader = program(office.town, "head", "cases:read")
    assert reader.get("/findings").json()["rows"][0]["id"] == finding.pk
    assert reader.post(f"/findings/{finding.pk}/appeal", {"reason": "x"}).json()["code"] == "scope_missing"


def test_a_program_reads_the_statistics(office: Office) -> None:
    leader = program(office.town, "leader")
    asked = {"since": "2026-03-01", "until": "2026-03-31", "by": "agency"}
    told = leader.get("/stuck", **asked).json()
    station = next(one for one in told["places"] if one["key"] == str(office.town.agencies["SAN"].pk))
    assert station["over"] >= 1
    behind = leader.get("/stuck/cases", **{**asked, "agency": office.town.agencies["SAN"].pk}).json()
    assert [row["number"] for row in behind["rows"]] == [office.case.number]
    assert leader.get("/stuck", since="2026-03-02", until="2026-03-01").status_code == 422
    assert leader.get("/stuck", since="0001-01-01", until="9999-12-31").status_code == 422
    assert leader.get("/findings", month="0000-01").status_code == 422
    assert program(office.town, "handler").get("/stuck", **asked).status_code == 403


def test_the_list_of_findings_comes_page_by_page(office: Office) -> None:
    finding = office.finding()
    finding.pk, finding.stretch = None, "owner-1"
    finding.recorded_at = timezone.now()
    finding.save(force_insert=True)
    leader = program(office.town, "leader")
    first = leader.get("/findings", limit=1).json()
    rest = leader.get("/findings", limit=1, after=first["next"]).json()
    assert first["rows"][0]["id"] > rest["rows"][0]["id"]
    assert rest["next"] == ""

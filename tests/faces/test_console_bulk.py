"""One act on many cases: what is offered, what each line says, what may go again, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.faces.console import selection
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.perform import perform
from tests.faces.calling import signed_in
from tests.town import START, Town

NOW = START + timedelta(hours=1)
MANY = "/desk/cases/many/"
QUERIES_PER_DISPATCH = 20  # of which perform() needs most; nothing of the page is asked once per case


pytestmark = pytest.mark.usefixtures("an_hour_later")


def do(client: Client, act: str, cases: list[Case], **said: Any) -> Any:
    sent = {"act": act, "case": [case.number for case in cases], **said}
    return client.post(MANY, {name.replace("__", "-"): value for name, value in sent.items()})


def lines(answer: Any) -> dict[str, selection.Line]:
    return {line.case.number: line for line in answer.context["lines"]}


def filed(town: Town, count: int) -> list[Case]:
    photo = town.photo()
    reports = [town.report(description=f"第 {n} 件", photos=(photo,)) for n in range(count)]
    return [town.drive(case, "file") for case in reports]


def test_every_act_in_bulk_is_an_act_asked_the_same_of_all() -> None:
    for code in selection.IN_BULK:
        required = {spec.kind for spec in ACTS[code].inputs if spec.required}
        assert required <= {*selection.SAME_FOR_ALL, "agency"}, code
        assert "agency" not in required or code == "dispatch"


def test_the_acts_offered_are_possible_for_one_case_at_least(town: Town) -> None:
    chosen = [town.report(), *filed(town, 1)]
    client = signed_in(town, "clerk")
    page = client.get(MANY, {"case": [case.number for case in chosen]})
    offered = {act.code for act in page.context["acts"]}
    assert {"dispatch", "raise", "urge", "merge", "note"} <= offered
    assert not offered & {"sign", "close", "agree_return", "approve_cancel"}
    worker = signed_in(town, "worker").get(MANY, {"case": chosen[0].number})
    assert [act.code for act in worker.context["acts"]] == ["note"]


def test_nothing_is_chosen_without_a_case_and_nothing_done_without_an_act(town: Town) -> None:
    case = town.report()
    client = signed_in(town, "clerk")
    assert "先勾选" in client.get(MANY).content.decode() or client.get(MANY).context["lines"] == []
    answer = client.post(MANY, {"case": case.number, "act": "file"})
    assert answer.status_code == 200
    assert answer.context["act"] is None
    assert Case.objects.get(pk=case.pk).state == "reported"


def test_many_are_urged_with_one_text_and_who_was_urged_before_says_so(town: Town) -> None:
    cases = [town.drive(town.report(description=f"第 {n} 件"), "dispatch") for n in range(3)]
    perform("urge", cases[0].pk, actor=town.actor("clerk"), at=NOW)
    answer = do(signed_in(town, "clerk"), "urge", cases, urge__text="请今天办结")
    found = lines(answer)
    assert (answer.context["done"], answer.context["failed"]) == (2, 1)
    assert "一天内已经催过" in found[cases[0].number].problem
    assert not found[cases[0].number].ready
    told = CaseEvent.objects.filter(act="urge", text="请今天办结")
    assert {event.case_id for event in told} == {cases[1].pk, cases[2].pk}


def test_what_is_missing_is_told_before_anything_is_done(town: Town) -> None:
    cases = filed(town, 2)
    client = signed_in(town, "clerk")
    answer = do(client, "raise", cases, raise__text=" ")
    assert answer.status_code == 422
    assert "text" in answer.context["form"].errors
    assert all(line.ready and not line.done for line in answer.context["lines"])
    assert not CaseEvent.objects.filter(act="raise").exists()
    again = do(client, "raise", cases, raise__text="超出街道职权")
    assert again.context["done"] == 2


def test_what_failed_goes_again_after_a_correction(town: Town) -> None:
    cases = filed(town, 2)
    client = signed_in(town, "clerk")
    left_out = {f"agency-{case.number}": "" for case in cases}
    left_out[f"agency-{cases[0].number}"] = str(town.agencies["SAN"].pk)
    first = do(client, "dispatch", cases, **left_out)
    assert (first.context["done"], first.context["ready"]) == (1, 1)
    assert lines(first)[cases[0].number].went_to == "测试环卫所"
    page = first.content.decode()
    assert f'value="{cases[1].number}" checked' in page
    assert f'value="{cases[0].number}" checked' not in page
    again = do(client, "dispatch", cases[1:], **{f"agency-{cases[1].number}": town.agencies["SAN"].pk})
    assert again.context["done"] == 1
    assert set(Case.objects.values_list("state", flat=True)) == {"dispatched"}


def test_requests_are_decided_together(town: Town) -> None:
    cases = [town.drive(town.report(description=f"第 {n} 件"), "sign") for n in range(2)]
    asked = {"reason": "not_ours", "text": "不属于环卫"}
    for case in cases:
        perform("request_return", case.pk, actor=town.actor("handler"), at=NOW, data=asked)
    client = signed_in(town, "clerk")
    page = client.get(MANY, {"case": [case.number for case in cases]})
    assert {"agree_return", "decline_return"} <= {act.code for act in page.context["acts"]}
    answer = do(client, "decline_return", cases, decline_return__text="在责任清单上")
    assert answer.context["done"] == 2
    assert set(Case.objects.values_list("open_request", flat=True)) == {""}


def test_duplicates_are_merged_into_one_and_it_itself_is_refused(town: Town) -> None:
    target, *others = [town.report(description=f"同一堆 {n}") for n in range(3)]
    answer = do(signed_in(town, "clerk"), "merge", [target, *others], merge__case=target.number)
    assert answer.context["done"] == 2
    assert lines(answer)[target.number].problem
    assert Case.objects.filter(merged_into=target).count() == 2


def test_nobody_does_in_bulk_what_they_may_not_do_one_by_one(town: Town) -> None:
    cases = filed(town, 2)
    agencies = {f"agency-{case.number}": town.agencies["SAN"].pk for case in cases}
    answer = do(signed_in(town, "worker"), "dispatch", cases, **agencies)
    assert answer.context["done"] == 0
    assert all(line.problem for line in answer.context["lines"])
    out = do(signed_in(town, "outsider"), "dispatch", cases, **agencies)
    assert out.context["lines"] == []
    assert set(Case.objects.values_list("state", flat=True)) == {"filed"}


def test_a_hundred_at_most_go_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MOST", 2)
    monkeypatch.setattr("gezhi.faces.console.bulk.MOST", 2)
    cases = filed(town, 3)
    page = signed_in(town, "clerk").get(MANY, {"act": "note", "case": [case.number for case in cases]})
    assert len(page.context["lines"]) == 2
    assert page.context["too_many"]


def test_the_bar_offers_what_the_rows_are_for(town: Town) -> None:
    filed(town, 1)
    client = signed_in(town, "clerk")
    bar = [act.code for act in client.get("/desk/cases/?stage=dispatch").context["bulk"]]
    assert bar[0] == "dispatch"
    assert signed_in(town, "worker").get("/desk/cases/?stage=all").context["bulk"] == [ACTS["note"]]


def test_dispatching_fifty_asks_a_few_queries_for_each(town: Town) -> None:
    few, many = filed(town, 10), filed(town, 50)
    client = signed_in(town, "clerk")
    agency = town.agencies["SAN"].pk

    def asked(cases: list[Case]) -> int:
        with CaptureQueriesContext(connection) as seen:
            answer = do(client, "dispatch", cases, **{f"agency-{case.number}": agency for case in cases})
        assert answer.context["done"] == len(cases)
        return len(seen)

    client.get(MANY, {"act": "dispatch", "case": [case.number for case in few]})
    for_few, for_many = asked(few), asked(many)
    each = (for_many - for_few) / 40
    print(f"dispatch of 50: {for_many} queries, {each:.1f} for each case")  # noqa: T201
    assert each <= QUERIES_PER_DISPATCH
    with CaptureQueriesContext(connection) as page:
        client.get(MANY, {"act": "note", "case": [case.number for case in many]})
    print(f"page of 50: {len(page)} queries")  # noqa: T201
    assert len(page) <= 40


def test_an_agency_named_by_an_odd_number_is_named_in_words_all_the_same(town: Town) -> None:
    case = filed(town, 1)[0]
    agency = town.agencies["SAN"]
    answer = do(signed_in(town, "clerk"), "dispatch", [case], **{f"agency-{case.number}": f"0{agency.pk}"})
    assert lines(answer)[case.number].went_to == agency.shown

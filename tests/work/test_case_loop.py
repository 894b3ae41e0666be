"""The case loop: main path, ways back, ends."""

from datetime import timedelta

from tests.town import START, Town

from gezhi.work.cases import queries
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.replay import differences
from gezhi.work.cases.services import asker_actor

MINUTE = timedelta(minutes=1)


def test_a_report_goes_from_the_grid_to_the_archive(town: Town) -> None:
    case = town.report()
    case = town.drive(case, "verify")
    assert case.state == "closed"
    assert [e.act for e in queries.events_of(case)] == [
        "report", "file", "dispatch", "sign", "report_result", "send_verify", "verify", "close",
    ]  # fmt: skip
    assert case.answer == "已清运"
    assert differences(case) == {}


def test_return_rework_poor_rating_and_one_reopening(town: Town) -> None:
    case, code = town.resident_report()
    at = START + 5 * MINUTE
    clerk, head, handler = town.actor("clerk"), town.actor("head"), town.actor("handler")
    perform("file", case.pk, actor=clerk, at=at, data={"condition": town.conditions["rubbish"].pk})
    wrong = {"agency": town.agencies["WAT"].pk, "text": "看似供水单位的地块"}
    perform("dispatch", case.pk, actor=clerk, at=at + MINUTE, data=wrong)
    water = town.actor("other_head")
    perform(
        "return",
        case.pk,
        actor=water,
        at=at + 2 * MINUTE,
        data={"reason": "not_ours", "text": "不是管网问题"},
    )
    perform("dispatch", case.pk, actor=clerk, at=at + 3 * MINUTE, data={"agency": town.agencies["SAN"].pk})
    perform("sign", case.pk, actor=head, at=at + 4 * MINUTE)
    perform("assign", case.pk, actor=head, at=at + 5 * MINUTE, data={"user": town.users["handler"].pk})
    result = {"text": "已清理", "photos": [town.photo(1).pk]}
    perform("report_result", case.pk, actor=handler, at=at + 30 * MINUTE, data=result)
    verifier = Case.objects.get(pk=case.pk).owner_user
    assert verifier == town.users["worker"]
    not_solved = {"result": "untrue", "photos": [town.photo(2).pk]}
    perform("verify", case.pk, actor=town.actor("worker"), at=at + 40 * MINUTE, data=not_solved)
    perform(
        "rework", case.pk, actor=clerk, at=at + 45 * MINUTE, data={"reason": "unsolved", "text": "还有一半"}
    )
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.returns, case.reworks, case.assignee) == (
        "handling",
        1,
        1,
        town.users["handler"],
    )
    perform("report_result", case.pk, actor=handler, at=at + 60 * MINUTE, data=result)
    solved = {"result": "true", "photos": [town.photo(3).pk]}
    perform("verify", case.pk, actor=town.actor("worker"), at=at + 70 * MINUTE, data=solved)
    asker = queries.asker_by_code(code.lower().replace("-", " "))
    assert asker is not None
    resident = asker_actor(asker)
    perform("rate", case.pk, actor=resident, at=at + 80 * MINUTE, data={"stars": 1, "text": "又堆满了"})
    perform("reopen", case.pk, actor=resident, at=at + 81 * MINUTE, data={"text": "请重新处理"})
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.reopenings, case.follow_up) == ("filed", 1, False)
    case = town.drive_from_filed(case, at=at + 90 * MINUTE)
    assert case.state == "closed"
    assert differences(case) == {}

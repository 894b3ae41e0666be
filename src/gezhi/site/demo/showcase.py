"""One open example of each kind of question, so that every desk of the demo finds something to decide."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from gezhi.foundation.actors.models import Agency
from gezhi.oversight.accountability.services import appeal, record_finding
from gezhi.oversight.accountability.trace import stretches
from gezhi.site.demo.simulate import World
from gezhi.work.cases.duty import answerable
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.queries import events_of
from gezhi.work.cases.states import State

Told = dict[str, Any]
LATE_SECONDS = 1800  # of counted time


def show(world: World) -> int:
    """Do each act of EXAMPLES on a case in handling that it fits; return how many were done."""
    at = world.now - timedelta(minutes=4)
    ready = Case.objects.filter(state=State.HANDLING, open_request="", shared=False, supervised=False)
    ready = ready.filter(due_at__gt=world.now).select_related("lead_agency", "condition__item")
    cases = iter(ready.order_by("-reported_at"))
    done = 0
    for act, (role, told) in EXAMPLES.items():
        for case in cases:
            data = told(world, case, at)
            if data is not None:
                who = _handler(world, case) if role == "handler" else _people(world, case)[role]
                perform(act, case.pk, actor=world.staff.actor(who), at=at, data=data)
                if act == "request_suspension":  # there are enough to decide: this one is held
                    leader = world.staff.actor(_people(world, case)["leader"])
                    perform("approve_suspension", case.pk, actor=leader, at=at)
                done += 1
                break
    return done


def find_stuck(world: World, *, count: int = 6) -> int:
    """The duty leader's decisions on cases of the last weeks that stuck with an agency; one is appealed."""
    at = world.now - timedelta(hours=3)
    leader = world.staff.actor("approver")
    late = Case.objects.filter(
        lead_agency__isnull=False, closed_at__gt=at - timedelta(days=30), closed_at__lt=at
    )
    done = 0
    for case in late.order_by("-closed_at")[:150]:
        way = stretches(case, events_of(case), at=at)
        part = next((one for one in way if one.agency and one.late > LATE_SECONDS), None)
        if part is None or part.agency is None:
            continue
        finding = record_finding(
            actor=leader,
            at=at,
            case=case.number,
            stretch=part.key,
            subject=f"agency-{part.agency.pk}",
            kind=("reminder", "reminder", "talk", "bulletin")[done % 4],
            reason="超期较久且未及时申请延期，请查明原因并整改",
            on=localdate(at),
        )
        if done == 0:
            head = world.staff.actor(world.staff.of_agency[world.agency_codes[part.agency.pk]][0])
            text = "当日暴雨红色预警，外业停工，附预警通知"
            appeal(actor=head, at=at + timedelta(hours=1), finding_id=finding.pk, reason=text, photos=())
        done += 1
        if done == count:
            break
    return done


def _handler(world: World, case: Case) -> str:
    return world.staff.of_agency[world.agency_codes[case.lead_agency_id or 0]][0]


def _people(world: World, case: Case) -> dict[str, str]:
    street = case.area.code[:9]
    return {"clerk": world.staff.clerk_of[street], "leader": world.staff.leader_of[street]}


def _another(world: World, case: Case, at: datetime) -> Agency | None:
    found = [s.agency for s in answerable(case, at=at) if s.agency.pk != case.lead_agency_id]
    return found[0] if found else None


def _extension(world: World, case: Case, at: datetime) -> Told | None:
    handle = case.clocks.filter(kind="handle", ended_at=None).first()
    if handle is None or handle.due_at is None or handle.due_at <= at:
        return None
    return {"until": localdate(handle.due_at) + timedelta(days=3), "text": "需要吊车配合，已联系租赁"}


def _suspension(world: World, case: Case, at: datetime) -> Told | None:
    return {"until": localdate(at) + timedelta(days=4), "text": "连续降雨，无法施工"}


def _return(world: World, case: Case, at: datetime) -> Told | None:
    return {"reason": "not_ours", "text": "该设施已移交物业管理，不由本单位管养"}


def _transfer(world: World, case: Case, at: datetime) -> Told | None:
    other = _another(world, case, at)
    return {"agency": other.pk, "text": "该处属对方管养范围"} if other else None


def _co_handling(world: World, case: Case, at: datetime) -> Told | None:
    other = _another(world, case, at)
    return {"agencies": [other.pk], "text": "请配合现场围挡"} if other else None


def _whistle(world: World, case: Case, at: datetime) -> Told | None:
    called = [agency.pk for agency in world.departments if agency.pk != case.lead_agency_id][:2]
    return {"kind": "joint", "agencies": called, "text": "占道经营反复，需现场联合执法"}


def _words(text: str) -> Callable[[World, Case, datetime], Told | None]:
    return lambda world, case, at: {"text": text}


EXAMPLES: dict[str, tuple[str, Callable[[World, Case, datetime], Told | None]]] = {
    "request_extension": ("handler", _extension),
    "request_suspension": ("handler", _suspension),
    "request_transfer": ("handler", _transfer),
    "request_return": ("handler", _return),
    "add_part": ("handler", _co_handling),
    "whistle": ("clerk", _whistle),
    "supervise": ("leader", _words("群众反映强烈，请今日办结并回复")),
    "request_cancel": ("clerk", _words("重复登记，申请作废")),
}

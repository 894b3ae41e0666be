"""What comes up on the way of a case in the demo: calls, co-handlers, whistles, requests, the bank."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

from gezhi.work.cases.duty import answerable
from gezhi.work.cases.models import Case, Part
from gezhi.work.cases.states import State

if TYPE_CHECKING:
    from gezhi.site.demo.life import Life

Wait = Generator[datetime, None, datetime]  # yields moments, returns the time
REASONS = ("需要调配备件，无法按时完成", "连续降雨，无法施工", "需协调产权单位进场", "等待专业检测结果")


def detours(life: "Life", at: datetime, *, slow: bool) -> Wait:
    """At most one of the longer ways round; `slow` is a case that will not be done within its limit."""
    world, condition = life.world, life.condition
    if slow and not condition.emergency and world.chance(0.5):
        return (yield from extension(life, at))
    draw = world.random.random()
    if draw < 0.04:
        return (yield from co_handling(life, at))
    if draw < 0.055 and not condition.emergency:
        return (yield from suspension(life, at))
    if draw < 0.065 and not condition.emergency:
        return (yield from bank(life, at))
    if draw < 0.075:
        return (yield from whistle(life, at))
    if draw < 0.085:
        return (yield from transfer(life, at))
    return at


def first_contact(life: "Life", at: datetime) -> Wait:
    """The handler calls who asked; not everybody answers at once."""
    world = life.world
    at = world.after(at, world.about(25))
    yield at
    while True:
        reached = world.chance(0.85)
        words = "已与诉求人通话，约定上门时间" if reached else "电话无人接听，稍后再联系"
        life.act("contact", life.handler(), at, reached="yes" if reached else "no", text=words)
        if reached:
            return at
        at = world.after(at, world.about(50))
        yield at


def extension(life: "Life", at: datetime) -> Wait:
    """Most are granted, some denied, a few forgotten on the approver's desk."""
    world, case = life.world, life.case()
    handle = case.clocks.get(kind="handle", ended_at=None)
    assert handle.due_at is not None and handle.half_at is not None
    at = max(at, handle.half_at)
    yield at
    if at >= handle.due_at:
        return at
    until = localdate(max(handle.due_at, at)) + timedelta(days=world.random.randrange(2, 7))
    life.act("request_extension", life.handler(), at, until=until, text=world.random.choice(REASONS))
    if world.chance(0.12):
        return at
    at = world.after(at, world.about(60))
    yield at
    if world.chance(0.78):
        life.act("approve_extension", life.leader, at)
    else:
        life.act("deny_extension", life.leader, at, text="理由不充分，请按时完成")
    return at


def suspension(life: "Life", at: datetime) -> Wait:
    """Work that waits for the weather goes on after the day named, sometimes before."""
    world = life.world
    days = world.random.randrange(2, 12)
    life.act(
        "request_suspension",
        life.handler(),
        at,
        until=localdate(at) + timedelta(days=days),
        text=world.random.choice(REASONS),
    )
    at = world.after(at, world.about(60))
    yield at
    life.act("approve_suspension", life.leader, at)
    at = at + timedelta(days=days * world.random.uniform(0.5, 1.4) + 1)
    yield at
    if life.case().state == State.SUSPENDED:
        life.act("resume", life.handler(), at, text="条件已具备，恢复处置")
    return at


def bank(life: "Life", at: datetime) -> Wait:
    """A problem that money or rights hold up; looked at again by date, struck off when it can be solved."""
    world = life.world
    told = "该问题需专项改造，已列入问题库，解决后第一时间告知您"
    until = localdate(at) + timedelta(days=world.random.randrange(30, 90))
    life.act("bank", life.leader, at, until=until, text="需专项资金，列入年度改造计划", told=told)
    for _review in range(world.random.randrange(1, 3)):
        at = at + timedelta(days=world.random.randrange(30, 80))
        yield at
        until = localdate(at) + timedelta(days=60)
        life.act("review", life.leader, at, until=until, text="方案已报审，资金待落实")
    at = at + timedelta(days=world.random.randrange(10, 40))
    yield at
    life.act("strike_off", life.leader, at, text="改造已进场，可以处置")
    return at


def co_handling(life: "Life", at: datetime) -> Wait:
    """Another unit lends a hand, or is not needed after all."""
    world, case = life.world, life.case()
    others = [s.agency for s in answerable(case, at=at) if s.agency.pk != case.lead_agency_id]
    if not others:
        return at
    agency = others[-1]
    who = world.staff.of_agency[agency.code][0]
    life.act("add_part", life.handler(), at, agencies=[agency.pk], text="请配合现场围挡和交通疏导")
    at = world.after(at, world.about(20))
    yield at
    life.act("sign_part", who, at)
    at = world.after(at, world.about(90))
    yield at
    if world.chance(0.25):
        part = Part.objects.get(case=life.case_id, agency=agency, live=True)
        life.act("excuse_part", life.handler(), at, part=part.pk, text="现场已无需配合")
    else:
        life.act("report_part", who, at, text="已完成配合")
    return at


def whistle(life: "Life", at: datetime) -> Wait:
    """The street calls departments to the spot; some come late, all are rated."""
    world, case = life.world, life.case()
    agencies = [a for a in world.departments if a.pk != case.lead_agency_id]
    called = world.random.sample(agencies, 2)
    kind = "emergency" if life.condition.emergency else world.random.choice(("joint", "key"))
    ids = [agency.pk for agency in called]
    life.act("whistle", life.clerk, at, kind=kind, agencies=ids, text="需到现场联合处置")
    minutes = 12 if kind == "emergency" else 60
    for agency in called:
        at = world.after(at, world.about(minutes, 0.7), working=kind != "emergency")
        yield at
        life.act("attend", world.staff.of_agency[agency.code][0], at, text="已到场，参加联合处置")
    for part in Part.objects.filter(case=life.case_id, role=Part.Role.SUMMONED, live=True):
        stars = 2 if part.late else world.random.choice((4, 5))
        life.act("rate_part", life.clerk, at, part=part.pk, stars=stars)
    return at


def transfer(life: "Life", at: datetime) -> Wait:
    """The case belongs elsewhere, and everybody agrees; or the other unit does not."""
    world, case = life.world, life.case()
    others = [s.agency for s in answerable(case, at=at) if s.agency.pk != case.lead_agency_id]
    if not others:
        return at
    other = others[0]
    who = world.staff.of_agency[other.code][0]
    life.act("request_transfer", life.handler(), at, agency=other.pk, text="该设施由对方管养")
    at = world.after(at, world.about(30))
    yield at
    if world.chance(0.4):
        life.act("reject_transfer", who, at, text="不在我单位管养范围")
        return at
    life.act("accept_transfer", who, at)
    at = world.after(at, world.about(15))
    yield at
    life.act("agree_transfer", life.clerk, at)
    at = world.after(at, world.about(8, 0.5))
    yield at
    life.act("sign", life.handler(), at)
    return at


def supervision(life: "Life", at: datetime) -> Wait:
    """A leader asks why it is late; whoever has it answers."""
    world = life.world
    life.act("supervise", life.leader, at, text="已超期，请说明原因并尽快办结")
    at = world.after(at, world.about(80))
    yield at
    life.act("reply", life.handler(), at, text="已增派人员，今日完成")
    return at


def call_back(life: "Life", case: Case, at: datetime) -> Wait:
    """A clerk rings up a sample of those who asked."""
    world = life.world
    while case.to_call and case.state == State.CLOSED:
        at = world.after(at, world.about(240, 0.7))
        yield at
        if life.case().state != State.CLOSED:
            return at
        if not world.chance(0.8):
            case = life.act("call_back", life.clerk, at, reached="no")
            continue
        solved = world.chance(0.94)
        stars = world.random.choice((4, 5, 5)) if solved else 2
        answers = {"contacted": "yes" if world.chance(0.9) else "no", "solved": "yes" if solved else "no"}
        case = life.act("call_back", life.clerk, at, reached="yes", satisfied=str(stars), **answers)
    return at


def exclusion(life: "Life", at: datetime) -> Wait:
    """What was late through no fault of the agency is left out of its figures, if the office agrees."""
    world = life.world
    at = world.after(at, world.about(200))
    yield at
    if life.case().state != State.CLOSED:
        return at
    life.act("request_exclusion", life.handler(), at, text="台风红色预警期间全市停工")
    at = world.after(at, world.about(90))
    yield at
    if world.chance(0.6):
        life.act("approve_exclusion", "appraiser", at)
    else:
        life.act("deny_exclusion", "appraiser", at, text="预警未覆盖处置时段")
    return at

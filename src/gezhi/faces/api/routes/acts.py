"""Acts: one operation for each act of the table, on one case and on many, made from their declarations."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from gezhi.faces.api import reading
from gezhi.faces.api.access import ACT, READ, ApiRequest
from gezhi.faces.api.problems import BUSY
from gezhi.faces.api.routes.cases import CaseKey
from gezhi.faces.api.shapes.base import refusals
from gezhi.faces.api.shapes.cases import OptionOut
from gezhi.faces.api.shapes.reports import MOST_CASES, Moved, Result, inputs_of
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.work.cases import queries
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.models import Case
from gezhi.work.cases.options import offers
from gezhi.work.cases.perform import perform
from gezhi.work.cases.table import TABLE

router = Router(tags=["acts"])
log = logging.getLogger(__name__)

# Acts people do: not the worker's, and not those that make the case (they are operations of their own).
BY_PEOPLE = tuple(dict.fromkeys(row.act for row in TABLE if row.source is not None and row.who != "system"))
OFFERED = ("agency", "agencies", "user", "part", "case")  # kinds of inputs with answers to choose from
BY_ASKERS = ("withdraw", "urge", "add", "rate", "reopen")
BULK = tuple(act for act in BY_PEOPLE if act not in ("withdraw", "add", "rate"))


def moved(case: Case) -> Moved:
    return Moved(id=case.pk, number=case.number, state=case.state, seq=case.seq)


def _one(act: Act) -> Callable[..., Moved]:
    body_type = inputs_of(act)

    def view(request: ApiRequest, body: Any, case: CaseKey) -> Moved:
        case_id = queries.id_of(request.auth, case)
        data = reading.told(act, body)
        return moved(perform(act.code, case_id, actor=request.auth, at=timezone.now(), data=data))

    view.__annotations__["body"] = body_type
    view.__name__ = f"act_{act.code}"
    return view


def _many(act: Act) -> Callable[..., list[Result]]:
    ids = Field(min_length=1, max_length=MOST_CASES, description=_("Ids of the cases."))
    body_type = inputs_of(act, prefix="Many", more={"cases": (list[UUID], ids)})

    def view(request: ApiRequest, body: Any) -> list[Result]:
        data = reading.told(act, body)
        at = timezone.now()
        return [
            _tried(act, case_id, actor=request.auth, at=at, data=data)
            for case_id in dict.fromkeys(body.cases)
        ]

    view.__annotations__["body"] = body_type
    view.__name__ = f"many_{act.code}"
    return view


def _tried(act: Act, case_id: UUID, *, actor: Actor, at: datetime, data: dict[str, Any]) -> Result:
    try:
        case = perform(act.code, case_id, actor=actor, at=at, data=data)
    except GezhiError as error:
        words = {name: str(text) for name, text in error.fields.items()}
        return Result(id=case_id, done=False, code=error.code, message=str(error.message), fields=words)
    except OperationalError:  # undone for this case alone; the others stand
        log.exception("The database does not answer")
        return Result(id=case_id, done=False, code="busy", message=str(BUSY))
    return Result(id=case_id, done=True, state=case.state)


for code in BY_PEOPLE:
    router.post(
        f"/cases/{{case}}/acts/{code}",
        auth=ACT,
        response={200: Moved, **refusals(403, 404, 409, 422)},
        summary=code,  # worded in document.py, in the language of the request
        description=_("409 says who was first or why it is not possible now."),
        operation_id=f"act_{code}",
    )(_one(ACTS[code]))

for code in BULK:
    router.post(
        f"/acts/{code}",
        auth=ACT,
        response={200: list[Result], **refusals(403, 422)},
        summary=code,  # worded in document.py, in the language of the request
        description=_("On many cases at once; each goes its own way, and the answer says how each fared."),
        operation_id=f"many_{code}",
        tags=["acts on many cases"],
    )(_many(ACTS[code]))


@router.get(
    "/cases/{case}/acts/{act}/options",
    auth=READ,
    response={200: dict[str, list[OptionOut]], **refusals(403, 404)},
    summary=_("List whom or what an act may be told"),
    description=_("By input: agencies, people or cases, the one the rules propose first."),
)
def list_options(request: ApiRequest, case: CaseKey, act: str) -> dict[str, list[OptionOut]]:
    found = queries.case_for(request.auth, case)
    if act not in BY_PEOPLE:
        raise NotFound
    at = timezone.now()
    return {
        spec.name: [
            OptionOut(value=offer.value, label=offer.label, why=offer.why)
            for offer in offers(ACTS[act], spec, found, actor=request.auth, at=at)
        ]
        for spec in ACTS[act].inputs
        if spec.kind in OFFERED
    }

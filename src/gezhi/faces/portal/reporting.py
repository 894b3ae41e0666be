"""Reporting without an account and without scripts: the form, the steps to find the place, the code."""

import json
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.faces.look.limits import (
    PHOTOS_OF_ADDRESS,
    REPORTS_OF_ADDRESS,
    REPORTS_OF_PHONE,
    client_address,
)
from gezhi.faces.look.places import parted
from gezhi.faces.portal.following import followed, open_for, remember, remembered
from gezhi.faces.portal.forms import ReportForm
from gezhi.faces.portal.limits import small_body, spend
from gezhi.faces.portal.pages import page
from gezhi.faces.portal.place import ENTER, SIZES, STEPS, begin, describe, read, search
from gezhi.faces.portal.story import progress
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.work.cases import services
from gezhi.work.cases.queries import asker_by_code

ON_THE_WAY = 422


@small_body
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form; each of its buttons sends all of it, and only one of them reports."""
    at = timezone.now()
    if request.method != "POST":
        request.session.setdefault("portal", True)  # so that a form sent twice comes from one session
        return _form_page(request, ReportForm(at=at, where=begin()))
    where = read(request.POST)
    form = ReportForm(at=at, where=where, data=request.POST, files=request.FILES)
    sending = not _is_step(request)
    if sending and where.chosen is None and where.query:
        form.where = search(where)
    if sending:
        form.full_clean()
    else:
        form.as_sent()
    try:
        spend(PHOTOS_OF_ADDRESS, client_address(request), at=at, times=len(request.FILES.getlist("photos")))
        form.keep_photos(actor=services.VISITOR, at=at)
        if not sending:
            return _form_page(request, form)
        if not form.errors:
            return _received(request, form)
    except GezhiError as error:
        form.refuse(error)
        return _form_page(request, form, status=error.status)
    return _form_page(request, form, status=ON_THE_WAY)


def _is_step(request: HttpRequest) -> bool:
    """Whether a button was pressed that looks for the place."""
    asked = request.POST
    tapped = any(f"{size}.x" in asked for size in SIZES)
    looking = asked.get("do") == ENTER and asked.get("q", "").strip()
    return bool(tapped or looking or "pick" in asked or asked.get("do") in STEPS)


def _received(request: HttpRequest, form: ReportForm) -> HttpResponse:
    """Report; the code goes into the session in the same transaction, so that a second click finds it."""
    at, said = timezone.now(), form.report()
    spend(REPORTS_OF_ADDRESS, client_address(request), at=at)
    if said.contact and said.contact.phone:
        spend(REPORTS_OF_PHONE, said.contact.phone, at=at)
    with transaction.atomic():
        case, code = services.report(actor=services.VISITOR, at=at, said=said)
        if code and (asker := asker_by_code(code)):
            key = open_for(request.session, asker, at=at)
            remember(request.session, report=case.pk, code=code, key=key, at=at)
            request.session.save()
    return redirect("portal:done", case.pk)


def _form_page(request: HttpRequest, form: ReportForm, *, status: int = 200) -> HttpResponse:
    where = form.where
    said = describe(where.chosen) if where.chosen else None
    context = {"form": form, "where": where, "said": said, "photo_place": _place_of_photo(form)}
    return page(request, "portal/report.html", context, status=status)


def _place_of_photo(form: ReportForm) -> str:
    """Where the first photo that says so was taken, while no place is chosen."""
    if form.where.chosen:
        return ""
    places = [
        f"{photo.lon:.6f},{photo.lat:.6f}" for photo in form.photos_of("photos") if photo.lon is not None
    ]
    return places[0] if places else ""


@require_safe
def done(request: HttpRequest, report: UUID) -> HttpResponse:
    """Thank you, the code, and what happens next; shown to the browser that reported, for half an hour."""
    at = timezone.now()
    fresh = remembered(request.session, report=report, at=at)
    context: dict[str, Any] = {"fresh": fresh}
    if fresh:
        try:
            asker = followed(request.session, fresh.key, at=at)
        except NotFound:  # left on purpose meanwhile
            context["fresh"] = None
        else:
            context |= {"progress": progress(asker, at=at), "case": asker.first_case}
    return page(request, "portal/done.html", context)


@require_safe
def found_part(request: HttpRequest) -> HttpResponse:
    """The addresses found, for pages with scripts."""
    where = search(read({"q": request.GET.get("q", "")}))
    return render(request, "portal/parts/found.html", {"where": where})


@require_safe
def place_part(request: HttpRequest) -> HttpResponse:
    """The chosen place in words, for pages with scripts; a picked address moves the live map there."""
    picked = parted(request.GET.get("pick", ""))
    point = picked or parted(f"{request.GET.get('lon', '')},{request.GET.get('lat', '')}")
    context = {"said": describe(point) if point else None, "picked": picked}
    response = render(request, "portal/parts/chosen.html", context)
    if picked:
        response["HX-Trigger"] = json.dumps({"map:place": {"lon": picked[0], "lat": picked[1]}})
    return response

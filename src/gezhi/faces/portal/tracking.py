"""Following a report by its code: progress, adding, hurrying, withdrawing, rating."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.civic.notices.channels import ready_channels
from gezhi.faces.look.inputs import PhotoForm
from gezhi.faces.look.limits import (
    ACTS_OF_ASKER,
    PHOTOS_OF_ADDRESS,
    WRONG_CODES_OF_ADDRESS,
    client_address,
    exhausted,
)
from gezhi.faces.look.uploads import picture
from gezhi.faces.portal.following import followed, leave, open_for
from gezhi.faces.portal.forms import AddForm, CodeForm, NewsForm, RateForm, ReopenForm
from gezhi.faces.portal.here import responsible_for
from gezhi.faces.portal.limits import small_body, spend, too_many
from gezhi.faces.portal.pages import page
from gezhi.faces.portal.plain import POOR, turn_to
from gezhi.faces.portal.story import own_photos, progress
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.foundation.files.models import File
from gezhi.foundation.files.queries import Variant
from gezhi.work.cases.models import Asker
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.queries import asker_by_code
from gezhi.work.cases.services import asker_actor, choose_news

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Asker, P], HttpResponseBase]


@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for the code. Wrong ones are counted per address; a right one opens the report for this browser."""
    form = CodeForm(data=request.POST) if request.method == "POST" else CodeForm()
    if not form.is_bound:
        return page(request, "portal/track.html", {"form": form})
    at, whose = timezone.now(), client_address(request)
    if exhausted(WRONG_CODES_OF_ADDRESS, whose, at=at):
        form.as_sent()
        form.refuse(too_many())
        return page(request, "portal/track.html", {"form": form}, status=429)
    if form.is_valid():
        asker = asker_by_code(form.cleaned_data["code"])
        if asker:
            return redirect("portal:progress", open_for(request.session, asker, at=at))
        spend(WRONG_CODES_OF_ADDRESS, whose, at=at)
        form.add_error(
            "code",
            _("There is no report with this code. Please compare it with what you wrote down."),
        )
    return page(request, "portal/track.html", {"form": form}, status=422)


def following(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only for a report this browser has opened (its `key` in the address); otherwise back to the code."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            asker = followed(request.session, str(kwargs["key"]), at=timezone.now())
        except NotFound:
            messages.info(
                request, _("This page closes by itself after half an hour. Please type your code to go on.")
            )
            return redirect("portal:track")
        return view(request, asker, *args, **kwargs)

    return guarded


@require_safe
@following
def show(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """How far the report is."""
    return _progress_page(request, asker, key)


def _progress_page(
    request: HttpRequest, asker: Asker, key: str, *, form: PhotoForm | None = None, status: int = 200
) -> HttpResponse:
    at = timezone.now()
    told = progress(asker, at=at)
    allowed = (
        set()
        if told.standing.withdrawn
        else {act.code for act in allowed_acts(asker.case, asker_actor(asker), at=at)}
    )
    context = {
        "key": key,
        "case": asker.first_case,
        "joint": asker.case_id != asker.first_case_id,
        "progress": told,
        "allowed": allowed,
        "form": form or (RateForm() if "rate" in allowed else ReopenForm() if "reopen" in allowed else None),
        "board": responsible_for(asker.case.area, at=at),
        "photos": _shots(key, own_photos(asker)),
        "mail_on": bool(ready_channels()),
        "turn_to": turn_to(told.refused_because) if told.refused_because else [],
    }
    return page(request, "portal/progress.html", context, status=status)


def _shots(key: str, files: list[File]) -> list[dict[str, str]]:
    return [
        {
            "url": reverse("portal:photo", args=[key, file.sha256, "full"]),
            "thumb": reverse("portal:photo", args=[key, file.sha256, "thumb"]),
        }
        for file in files
    ]


@require_safe
@following
def photo(request: HttpRequest, asker: Asker, key: str, sha256: str, variant: Variant) -> HttpResponse:
    """A photo this asker sent, for this asker alone."""
    for file in own_photos(asker):
        if file.sha256 == sha256:
            return picture(file, variant)
    raise NotFound


@small_body
@require_http_methods(["GET", "HEAD", "POST"])
@following
def add(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """More words and photos."""
    form = AddForm(data=request.POST, files=request.FILES) if request.method == "POST" else AddForm()
    status = 200
    if form.is_bound:
        status = 422
        valid = form.is_valid()
        try:
            count = len(request.FILES.getlist("photos"))
            spend(PHOTOS_OF_ADDRESS, client_address(request), at=timezone.now(), times=count)
            form.keep_photos(actor=asker_actor(asker), at=timezone.now())
            if valid and not form.errors:
                photos = [file.pk for file in form.photos_of("photos")]
                _act(asker, "add", {"text": form.cleaned_data["text"], "photos": photos})
                messages.success(request, _("Thank you, it was passed on."))
                return redirect("portal:progress", key)
        except GezhiError as error:
            form.refuse(error)
            status = error.status
    return page(
        request, "portal/add.html", {"form": form, "key": key, "case": asker.first_case}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@following
def news(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """By e-mail too, or only on the page of the report. A known address is not shown again."""
    form = NewsForm(data=request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            choose_news(actor=asker_actor(asker), asker=asker, email=email, at=timezone.now())
        except GezhiError as error:
            form.refuse(error)
        else:
            told = (
                _("You are told by e-mail from now on.") if email else _("No e-mail is sent to you any more.")
            )
            messages.success(request, told)
            return redirect("portal:progress", key)
    context = {"form": form, "key": key, "case": asker.first_case, "by_email": bool(asker.email_sealed)}
    return page(request, "portal/news.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@following
def withdraw(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """Ask once whether it is meant, then withdraw."""
    if request.method != "POST":
        return page(request, "portal/withdraw.html", {"key": key, "case": asker.first_case})
    return _done(request, asker, key, "withdraw", {}, _("Your report was withdrawn."))


@require_POST
@following
def urge(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """Ask to hurry, once a day."""
    return _done(request, asker, key, "urge", {}, _("Whoever has it was told to hurry."))


@require_POST
@following
def rate(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """Rate the result; after a poor rating ask, where wanted, for it to be done again."""
    form = RateForm(data=request.POST)
    if not form.is_valid():
        return _progress_page(request, asker, key, form=form, status=422)
    said = form.cleaned_data
    try:
        _act(asker, "rate", {"stars": said["stars"], "text": said["text"]})
    except GezhiError as error:
        form.refuse(error)
        return _progress_page(request, asker, key, form=form, status=error.status)
    if said["reopen"] and int(said["stars"]) <= POOR:
        return _done(request, asker, key, "reopen", {"text": said["text"]}, _("It is taken up again."))
    messages.success(request, _("Thank you for your rating."))
    return redirect("portal:progress", key)


@require_POST
@following
def reopen(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """Ask for it to be done again after a poor rating."""
    form = ReopenForm(data=request.POST)
    if not form.is_valid():
        return _progress_page(request, asker, key, form=form, status=422)
    try:
        _act(asker, "reopen", {"text": form.cleaned_data["text"]})
    except GezhiError as error:
        form.refuse(error)
        return _progress_page(request, asker, key, form=form, status=error.status)
    messages.success(request, _("It is taken up again."))
    return redirect("portal:progress", key)


@require_POST
@following
def go(request: HttpRequest, asker: Asker, key: str) -> HttpResponse:
    """Forget the report on this browser."""
    leave(request.session, key, at=timezone.now())
    return redirect("portal:home")


def _act(asker: Asker, act: str, data: dict[str, Any]) -> None:
    at = timezone.now()
    if asker.withdrawn_at:
        raise NotFound
    spend(ACTS_OF_ASKER, str(asker.pk), at=at)
    perform(act, asker.case_id, actor=asker_actor(asker), at=at, data=data)


def _done(
    request: HttpRequest, asker: Asker, key: str, act: str, data: dict[str, Any], thanks: str
) -> HttpResponse:
    """One act, and back to the progress with what came of it."""
    try:
        _act(asker, act, data)
    except GezhiError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, thanks)
    return redirect("portal:progress", key)

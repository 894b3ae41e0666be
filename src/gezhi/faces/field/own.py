"""What is mine: my reports, my messages, my account."""

from django.contrib import messages as said
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.faces.field.duty import Duty, on_duty
from gezhi.faces.look import telling
from gezhi.faces.look.cases.rows import rows_of
from gezhi.work.cases.queries import CasePage, Filter, page_of

PAGE = 30


@require_safe
@on_duty
def mine(request: HttpRequest, duty: Duty) -> HttpResponse:
    """What I reported, newest first, page by page."""
    wanted = Filter(
        reporter=duty.actor.user_id or 0, order="new", after=request.GET.get("after", ""), limit=PAGE
    )
    try:
        found: CasePage = page_of(duty.actor, wanted, at=duty.at)
    except ValueError:  # a key somebody wrote by hand
        return redirect("field:mine")
    context = {"rows": rows_of(found.rows, at=duty.at), "next": found.next_key}
    return duty.page("field/mine.html", context, back=reverse("field:today"))


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty
def messages(request: HttpRequest, duty: Duty) -> HttpResponse:
    """The newest notices by day; POST marks what is shown read."""
    if request.method == "POST":
        telling.read_all(request, duty.actor, at=duty.at)
        return redirect("field:messages")
    context = {"told": telling.notice_list(request, duty.actor, at=duty.at)}
    return duty.page("field/messages.html", context, on="messages")


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty
def told_how(request: HttpRequest, duty: Duty) -> HttpResponse:
    """Which notices by which channel, quiet hours, the address."""
    form = telling.telling_form(request, duty.actor)
    if form.is_bound and form.save(actor=duty.actor, at=duty.at):
        said.success(request, _("Saved. It holds from now on."))
        return redirect("field:told_how")
    context = {"form": form, "mail_on": telling.mail_is_on(), "cancel_url": reverse("field:me")}
    status = 422 if form.is_bound else 200
    return duty.page("field/told_how.html", context, back=reverse("field:me"), status=status)


@require_safe
@on_duty
def me(request: HttpRequest, duty: Duty) -> HttpResponse:
    """My account: posts, language, password, the way out."""
    return duty.page("field/me.html", {}, on="me")

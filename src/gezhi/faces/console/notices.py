"""The page behind the bell, and how one is told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.look import telling


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The newest notices by day; POST marks what is shown read."""
    if request.method == "POST":
        telling.read_all(request, desk.actor, at=desk.at)
        return redirect(desk.url("notices"))
    context = {"told": telling.notice_list(request, desk.actor, at=desk.at), "shown": telling.SHOWN}
    return desk.page("console/notices.html", context, on="notices")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def how(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which notices by which channel, quiet hours, the address."""
    form = telling.telling_form(request, desk.actor)
    if form.is_bound and form.save(actor=desk.actor, at=desk.at):
        messages.success(request, _("Saved. It holds from now on."))
        return redirect(desk.url("told_how"))
    context = {"form": form, "mail_on": telling.mail_is_on(), "cancel_url": desk.url("notices")}
    return desk.page("console/told_how.html", context, on="notices", status=422 if form.is_bound else 200)

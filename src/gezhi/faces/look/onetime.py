"""Whoever signed in with a password somebody else knows chooses one of their own first."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

OPEN = ("/accounts/", "/language/", "/static/", "/api/")  # the API answers in its own shape


class OwnPasswordMiddleware:
    """Sends the holder of a one-time password to the page where it is changed, from wherever they go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN):
            return self.get_response(request)
        user = request.user
        if user.is_authenticated and user.must_change_password:
            messages.info(request, _("This password was made for you. Choose one of your own to go on."))
            return redirect(reverse("account_change_password"))
        return self.get_response(request)

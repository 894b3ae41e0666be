"""Errors in one shape, in the caller's language, whatever went wrong and wherever."""

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from gezhi.foundation.audit.errors import GezhiError
from gezhi.foundation.files.photos import MAX_BYTES

LARGEST_BODY = MAX_BYTES + 1024 * 1024  # a photo with the form around it
BUSY = gettext_lazy("The database is busy. Nothing was changed; try again in a moment.")
log = logging.getLogger(__name__)
Wrong = dict[str, Any]  # one error of pydantic


def problem(status: int, code: str, message: object, fields: dict[str, Any] | None = None) -> JsonResponse:
    """The answer to a request that failed."""
    words = {name: str(text) for name, text in (fields or {}).items()}
    answer = JsonResponse({"code": code, "message": str(message), "fields": words}, status=status)
    answer["Cache-Control"] = "no-store"
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="gezhi"'
    return answer


def of(error: GezhiError) -> JsonResponse:
    """An error of the catalogue."""
    answer = problem(error.status, error.code, error.message, error.fields)
    if error.status == 429:
        answer["Retry-After"] = "60"
    return answer


def handle_all(api: NinjaAPI) -> None:
    """Teach the API every way a request can fail."""
    for cause, handler in _HANDLERS.items():
        api.add_exception_handler(cause, handler)


def _known(request: HttpRequest, error: Any) -> HttpResponse:
    return of(error)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    fields = {_name(wrong["loc"]): _words(wrong) for wrong in error.errors}
    return problem(422, "invalid", _("Please correct the fields marked below."), fields)


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    if error.status_code == 401:
        return problem(
            401, "sign_in", _("Sign in, or send a key that is still in force: “Authorization: Bearer gz_…”.")
        )
    if isinstance(error.__cause__, GezhiError):  # found by the parser
        return of(error.__cause__)
    if error.status_code == 400:
        return malformed()
    return problem(error.status_code, "http_error", str(error))


def malformed() -> JsonResponse:
    """The body is not what it says it is."""
    return problem(400, "malformed", _("The body cannot be read. Send JSON in UTF-8, or a whole form."))


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    return malformed()


def _too_large(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(413, "too_large", _("The body is too large. Send less at once."))


def _no_such(request: HttpRequest, error: Any) -> HttpResponse:
    return no_route(request)


def no_route(request: HttpRequest, rest: str = "") -> HttpResponse:
    """No operation answers this address."""
    return problem(404, "no_route", _("There is no such address. The reference is at /api/docs."))


def _busy(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("The database does not answer")
    answer = problem(503, "busy", str(BUSY))
    answer["Retry-After"] = "5"
    return answer


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    """Our own fault: told to whoever listens for faults, as Django does, and answered in the common shape."""
    got_request_exception.send(sender=None, request=request)
    log.error("%s %s broke", request.method, request.path, exc_info=error)
    return problem(500, "broken", _("Something broke on our side and was logged. Please try again."))


_HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    GezhiError: _known,
    ValidationError: _invalid,
    HttpError: _http,
    RequestDataTooBig: _too_large,
    SuspiciousOperation: _unreadable,
    BadRequest: _unreadable,
    MultiPartParserError: _unreadable,
    Http404: _no_such,
    OperationalError: _busy,
    Exception: _broken,
}


def _name(place: Iterable[Any]) -> str:
    """The field as the client wrote it: contact.phone, ids.3."""
    source, *parts = place
    if source == "body" and len(parts) > 1:
        parts = parts[1:]  # the name our function gives to the body
    return ".".join(str(part) for part in parts) or str(source)


def _words(wrong: Wrong) -> str:
    """What to do about a value that does not fit its type."""
    kind, limits = wrong["type"], wrong.get("ctx", {})
    if kind in _PLAIN:
        return _PLAIN[kind]()
    if kind in ("literal_error", "enum"):
        return _("Give one of: %(choices)s.") % {"choices": limits.get("expected", "")}
    if kind in ("string_too_long", "too_long"):
        return _("At most %s, please.") % str(limits.get("max_length", ""))
    if kind in ("string_too_short", "too_short"):
        return _("At least %s, please.") % str(limits.get("min_length", ""))
    if kind in ("greater_than_equal", "greater_than"):
        return _("The number is too small; %s at least.") % str(limits.get("ge", limits.get("gt", "")))
    if kind in ("less_than_equal", "less_than"):
        return _("The number is too large; %s at most.") % str(limits.get("le", limits.get("lt", "")))
    return _("This value does not fit: %(reason)s.") % {"reason": wrong["msg"]}


_PLAIN: dict[str, Callable[[], str]] = {
    "missing": lambda: _("Please fill this in."),
    "extra_forbidden": lambda: _("There is no such field; remove it or correct its name."),
    "int_parsing": lambda: _("Give a whole number."),
    "int_type": lambda: _("Give a whole number."),
    "int_from_float": lambda: _("Give a whole number."),
    "float_parsing": lambda: _("Give a number."),
    "float_type": lambda: _("Give a number."),
    "finite_number": lambda: _("Give a number."),
    "bool_parsing": lambda: _("Give true or false."),
    "bool_type": lambda: _("Give true or false."),
    "string_type": lambda: _("Give a text."),
    "string_pattern_mismatch": lambda: _("This is not written as expected."),
    "list_type": lambda: _("Give a list."),
    "dict_type": lambda: _("Give an object with fields."),
    "model_type": lambda: _("Give an object with fields."),
    "model_attributes_type": lambda: _("Give an object with fields."),
    "uuid_parsing": lambda: _("Give an id such as 019a1c52-7d3e-7c11-9c1b-2f8e5a4b6d70."),
    "timezone_aware": lambda: _("Say the time zone too, such as 2026-03-02T09:00:00+08:00."),
    "datetime_from_date_parsing": lambda: _("Give a time such as 2026-03-02T09:00:00+08:00."),
    "datetime_parsing": lambda: _("Give a time such as 2026-03-02T09:00:00+08:00."),
    "date_from_datetime_parsing": lambda: _("Give a day such as 2026-03-02."),
    "date_parsing": lambda: _("Give a day such as 2026-03-02."),
}


def in_one_shape(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The same addresses, with the refusal of a method in our shape as well."""
    return [
        URLPattern(one.pattern, _shaped(one.callback), one.default_args, one.name)
        if isinstance(one, URLPattern)
        else one
        for one in patterns
    ]


def _shaped(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return _too_large(request, None)  # before a byte of it is read
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        allowed = response["Allow"]
        answer = problem(405, "method", _("This address takes %(methods)s only.") % {"methods": allowed})
        answer["Allow"] = allowed
        return answer

    return shaped

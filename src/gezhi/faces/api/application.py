"""The API as a whole: its routers, its strictness, its document."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.operation import Operation

from gezhi.faces.api import problems
from gezhi.faces.api.parsing import StrictParser, check_texts
from gezhi.faces.api.routes import (
    accountability,
    acts,
    cases,
    clocks,
    files,
    matters,
    own,
    people,
    places,
    residents,
    settings,
    system,
)
from gezhi.foundation.audit.errors import Invalid

VERSION = "1.0.0"
PREFIX = "api/v1/"


class Api(NinjaAPI):
    """Names operations after their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)


api = Api(
    title="Gezhi API",
    version=VERSION,
    description=_(
        "Everything the pages of Gezhi do, for programs. Times carry their zone, places are degrees in "
        "WGS 84, lists come in pages. What you may see and do comes from your posts, as on the pages."
    ),
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
)
problems.handle_all(api)


def strictly(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse a query parameter the operation does not have, which would otherwise be lost silently, and an
    address that holds what no column can."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_flatten_map__", None) or model.model_fields
    }

    @wraps(run)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        unknown = request.GET.keys() - known
        try:
            check_texts(kwargs)
            if unknown:
                text = gettext_lazy("There is no such parameter; remove it or correct its name.")
                raise Invalid(dict.fromkeys(sorted(unknown), text))
        except Invalid as error:
            return operation.api.on_exception(request, error)
        return run(request, **kwargs)

    return checked


api.add_decorator(strictly, mode="view")

for router in (
    own.router,
    files.router,
    cases.router,
    acts.router,
    clocks.router,
    accountability.router,
    residents.router,
    matters.router,
    places.router,
    places.organisations,
    people.router,
    people.posts,
    people.roles,
    matters.keeping,
    settings.router,
    settings.rules,
    system.router,
    system.trail,
):
    api.add_router("", router)

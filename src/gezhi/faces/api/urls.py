"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, path, re_path

from gezhi.faces.api.application import api
from gezhi.faces.api.problems import in_one_shape, no_route
from gezhi.faces.api.reference import openapi, reference

_patterns, _app, _namespace = api.urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("docs", reference, name="api_reference"),
    path("v1/openapi.json", openapi, name="api_document"),
    path("v1/", (in_one_shape(_patterns), _app, _namespace)),
    re_path("^(?P<rest>.*)$", no_route),
]

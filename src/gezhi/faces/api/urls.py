"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, path, re_path

from gezhi.faces.api.application import api
from gezhi.faces.api.problems import in_one_shape, no_route

_patterns, _app, _namespace = api.urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", (in_one_shape(_patterns), _app, _namespace)),
    re_path("^(?P<rest>.*)$", no_route),
]

"""Which face answers which address."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("", include("gezhi.faces.look.urls")),
    path("desk/settings/", include("gezhi.faces.console.settings.urls")),
    path("desk/accountability/", include("gezhi.faces.console.accountability.urls")),
    path("desk/", include("gezhi.faces.console.urls")),
    path("field/", include("gezhi.faces.field.urls")),
    path("api/", include("gezhi.faces.api.urls")),
    path("", include("gezhi.faces.portal.urls")),
]

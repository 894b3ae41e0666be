"""Addresses of the pages of responsibility."""

from django.urls import URLPattern, URLResolver, include, path

from gezhi.faces.console.accountability import findings, statistics, way

accountability: list[URLPattern | URLResolver] = [
    path("", findings.index, name="findings"),
    path("<int:ident>/", findings.detail, name="finding"),
    path("<int:ident>/appeal/", findings.appeal, name="appeal"),
    path("<int:ident>/decide/", findings.decide, name="decide"),
    path("<int:ident>/photos/<str:sha256>/<str:variant>/", findings.photo, name="photo"),
    path("cases/<str:number>/", way.page, name="way"),
    path("cases/<str:number>/record/<slug:stretch>/", way.record, name="record"),
    path("stuck/", statistics.page, name="stuck"),
    path("stuck/cases/", statistics.behind, name="stuck_cases"),
    path("stuck/export.csv", statistics.export, name="stuck_export"),
]

urlpatterns: list[URLPattern | URLResolver] = [path("", include((accountability, "accountability")))]

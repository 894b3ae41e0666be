"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, include, path

from gezhi.faces.portal import pages, reporting, tracking

portal: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("here/", pages.here, name="here"),
    path("report/", reporting.report, name="report"),
    path("report/found/", reporting.found_part, name="found"),
    path("report/place/", reporting.place_part, name="place"),
    path("report/done/<uuid:report>/", reporting.done, name="done"),
    path("track/", tracking.track, name="track"),
    path("track/<str:key>/", tracking.show, name="progress"),
    path("track/<str:key>/photo/<str:sha256>/<variant:variant>/", tracking.photo, name="photo"),
    path("track/<str:key>/add/", tracking.add, name="add"),
    path("track/<str:key>/news/", tracking.news, name="news"),
    path("track/<str:key>/withdraw/", tracking.withdraw, name="withdraw"),
    path("track/<str:key>/urge/", tracking.urge, name="urge"),
    path("track/<str:key>/rate/", tracking.rate, name="rate"),
    path("track/<str:key>/reopen/", tracking.reopen, name="reopen"),
    path("track/<str:key>/leave/", tracking.go, name="leave"),
]

urlpatterns: list[URLPattern | URLResolver] = [path("", include((portal, "portal")))]

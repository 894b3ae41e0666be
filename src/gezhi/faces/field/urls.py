"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, include, path

from gezhi.faces.field import case, ground, own, reporting, today

field: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("grid/", ground.grid, name="grid"),
    path("map/", ground.ground_map, name="map"),
    path("messages/", own.messages, name="messages"),
    path("messages/how/", own.told_how, name="told_how"),
    path("me/", own.me, name="me"),
    path("mine/", own.mine, name="mine"),
    path("report/", reporting.report, name="report"),
    path("report/near/", reporting.near_part, name="near"),
    path("solve/", reporting.solve, name="solve"),
    path("case/<str:number>/", case.show, name="case"),
    path("case/<str:number>/<slug:code>/", case.act, name="act"),
]

urlpatterns: list[URLPattern | URLResolver] = [path("", include((field, "field")))]

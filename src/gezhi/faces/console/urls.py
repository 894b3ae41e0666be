"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, include, path

from gezhi.faces.console import acting, bulk, intake, maps, notices, queue, record, search, territory, today

console: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("cases/", queue.cases, name="cases"),
    path("cases/new/", intake.new_case, name="new_case"),
    path("cases/new/place/", intake.place, name="new_case_place"),
    path("cases/new/near/", intake.near, name="new_case_near"),
    path("cases/new/items/", intake.items, name="new_case_items"),
    path("cases/dispatch/", bulk.dispatch_many, name="dispatch_many"),
    path("cases/<str:number>/", record.case, name="case"),
    path("cases/<str:number>/panel/", queue.panel, name="panel"),
    path("cases/<str:number>/contact/", record.contact, name="contact"),
    path("cases/<str:number>/do/<slug:code>/", acting.act, name="act"),
    path("map/", maps.page, name="map"),
    path("map/cases.geojson", maps.points, name="map_points"),
    path("notices/", notices.page, name="notices"),
    path("search/", search.search, name="search"),
    path("territory/", territory.page, name="territory"),
]

urlpatterns: list[URLPattern | URLResolver] = [path("", include((console, "console")))]

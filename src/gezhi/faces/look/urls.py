"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.views.i18n import set_language

from gezhi.faces.look import mapviews, matters, pictures, views


class VariantConverter:
    """The two sizes a photo is kept in."""

    regex = "full|thumb"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(VariantConverter, "variant")

look: list[URLPattern | URLResolver] = [
    path("home/", views.home, name="home"),
    path("case/<str:number>/", views.case, name="case"),
    path("large-type/", views.elder, name="elder"),
    path("kept-photo/<str:token>/", pictures.kept_photo, name="kept_photo"),
    path("case-photo/<uuid:case_id>/<str:sha256>/<variant:variant>/", pictures.case_photo, name="case_photo"),
    path("map/base/<slug:kind>.geojson", mapviews.base, name="map_base"),
    path("map/picture.svg", mapviews.picture, name="map_picture"),
    path("matters/items/", matters.items_part, name="items"),
    path("matters/tree/", matters.tree_part, name="item_tree"),
    path("matters/conditions/", matters.conditions_part, name="conditions"),
    path("demo/sign-in/<str:username>/", views.demo_sign_in, name="demo_sign_in"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", set_language, name="set_language"),
    path("", include((look, "look"))),
]

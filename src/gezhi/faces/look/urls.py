"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from gezhi.faces.look import views

look: list[URLPattern | URLResolver] = [
    path("home/", views.home, name="home"),
    path("large-type/", views.elder, name="elder"),
    path("demo/sign-in/<str:username>/", views.demo_sign_in, name="demo_sign_in"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", set_language, name="set_language"),
    path("", include((look, "look"))),
]

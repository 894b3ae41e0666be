from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "gezhi.site"
    label = "gezhi_site"
    default_auto_field = "django.db.models.BigAutoField"

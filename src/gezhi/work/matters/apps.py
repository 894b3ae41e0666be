from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "gezhi.work.matters"
    label = "matters"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "gezhi.faces.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    name = "gezhi.faces.console.accountability"
    label = "console_accountability"
    default_auto_field = "django.db.models.BigAutoField"

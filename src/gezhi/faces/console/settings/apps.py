from django.apps import AppConfig


class SettingsConfig(AppConfig):
    name = "gezhi.faces.console.settings"
    label = "console_settings"
    default_auto_field = "django.db.models.BigAutoField"

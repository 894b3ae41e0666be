"""Django settings. Everything a district may set comes from environment variables named GEZHI_*."""

import contextlib
import os
import secrets
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from gezhi.site.database import database_config
from gezhi.site.mail import mail_config

DATA_DIR = Path(os.environ.get("GEZHI_DATA", "var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
DEMO = os.environ.get("GEZHI_DEMO") == "1"
DEBUG = os.environ.get("GEZHI_DEBUG") == "1"


def _kept_secret(name: str) -> str:
    """A random secret made once and kept beside the data, readable by the owner only."""
    path = DATA_DIR / "keys" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)  # another process may have been first: then its secret counts
        fresh.unlink()
    return path.read_text()


SECRET_KEY = os.environ.get("GEZHI_SECRET_KEY") or _kept_secret("django.secret")
SEALING_KEYS_DIR = DATA_DIR / "keys"
FILES_DIR = DATA_DIR / "files"

_LOCAL_HOSTS = "localhost,127.0.0.1,[::1]"
ALLOWED_HOSTS = os.environ.get("GEZHI_HOSTS", "*" if DEMO or DEBUG else _LOCAL_HOSTS).split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("GEZHI_ORIGINS", "").split(",") if o]
CSRF_FAILURE_VIEW = "gezhi.faces.look.views.csrf_failed"
TRUSTED_PROXIES = int(os.environ.get("GEZHI_TRUSTED_PROXIES", "0"))

INSTALLED_APPS = [
    "gezhi.site",
    "gezhi.faces.look",
    "gezhi.faces.console.settings",
    "gezhi.faces.console.accountability",
    "gezhi.faces.console",
    "gezhi.faces.field",
    "gezhi.faces.portal",
    "gezhi.faces.api",
    "gezhi.oversight.accountability",
    "gezhi.civic.notices",
    "gezhi.work.desk",
    "gezhi.work.cases",
    "gezhi.work.matters",
    "gezhi.registry.facilities",
    "gezhi.registry.housing",
    "gezhi.territory.layers",
    "gezhi.foundation.actors",
    "gezhi.foundation.areas",
    "gezhi.foundation.files",
    "gezhi.foundation.clocks",
    "gezhi.foundation.audit",
    "gezhi.foundation.outbox",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "gezhi.faces.look.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "gezhi.faces.look.onetime.OwnPasswordMiddleware",
    "gezhi.faces.look.middleware.ActorMiddleware",
    "gezhi.faces.look.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "gezhi.site.urls"
WSGI_APPLICATION = "gezhi.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gezhi.faces.look.context.page",
            ],
        },
    },
]

DATABASES = {"default": database_config(os.environ.get("GEZHI_DATABASE_URL", ""), DATA_DIR)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # counts of rate limits must not be thrown out by mere numbers
    }
}
# Sign-in limits count per office address, and offices sit behind one address.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "30/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

AUTH_USER_MODEL = "actors.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "gezhi.faces.look.signin.StaffAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_REDIRECT_URL = "/home/"
LOGIN_URL = "/accounts/login/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: there is no collecting, so no STATIC_ROOT
WHITENOISE_AUTOREFRESH = DEBUG

# Behind https (by `gezhi serve --tls` or a proxy), cookies never travel in the open.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("GEZHI_TLS") == "1"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_AGE = 12 * 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Nothing is sent by e-mail until a server is named. Links in messages need the site's own address.
_MAIL = mail_config(os.environ.get("GEZHI_EMAIL_URL", ""), sender=os.environ.get("GEZHI_EMAIL_FROM", ""))
EMAIL_ON = _MAIL.on
EMAIL_BACKEND = _MAIL.backend
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.starttls, _MAIL.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _MAIL.sender
_SITE_URL = os.environ.get("GEZHI_SITE_URL", "").rstrip("/")
_LINKS = {"case": "/case/{number}/", "finding": "/desk/accountability/{ident}/", "track": "/track/"}
LINKS = {about: _SITE_URL + path for about, path in _LINKS.items()} if _SITE_URL else {}

# An outside tile source for the base map, if a district wants one: a URL template with {z}/{x}/{y},
# and the coordinate system of its tiles (wgs84 or gcj02).
TILES_URL = os.environ.get("GEZHI_TILES_URL", "")
TILES_CRS = os.environ.get("GEZHI_TILES_CRS", "wgs84")
TILES_ATTRIBUTION = os.environ.get("GEZHI_TILES_ATTRIBUTION", "")

# What goes wrong is said where the server was started, with its traceback; the supervisor keeps it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # a page that is not there is no fault
    },
}

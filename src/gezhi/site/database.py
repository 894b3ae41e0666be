"""Which database: SQLite in the data folder by default, PostgreSQL by GEZHI_DATABASE_URL."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_OPTIONS = {
    # IMMEDIATE: a transaction that will write takes the lock at its start instead of failing half-way.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

# Values travel beside the statement, so that the server can keep its plan where it is told to (plans.py).
POSTGRESQL_OPTIONS = {"server_side_binding": True}


def database_config(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry for a URL such as postgresql://user:password@host:5432/name.

    An empty URL means SQLite in the data folder; sqlite:///some/file names another file.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "sqlite"):
        name = unquote(parts.path) or str(data_dir / "gezhi.sqlite3")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": SQLITE_OPTIONS,
            # A file also in tests: threads and processes meet in it as they do in production.
            "TEST": {"NAME": str(data_dir / "test.sqlite3")},
        }
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or dict(parse_qsl(parts.query)).get("host", "")),
            "PORT": str(parts.port or ""),
            "OPTIONS": POSTGRESQL_OPTIONS,
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,  # a restarted server costs nobody a page
        }
    raise ValueError(
        f"GEZHI_DATABASE_URL starts with {parts.scheme}://, but only postgresql:// and sqlite:// are known."
    )

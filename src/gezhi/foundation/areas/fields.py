"""The path column shared by areas, agencies and whatever is scoped by them."""

from typing import Any

from django.db import models
from django.db.models import Q

PATH_LENGTH = 200


class PathField(models.CharField):  # type: ignore[type-arg]
    """Codes from the root, each ended by a slash ("42/4205/420502/"), in byte order on every database.

    SQLite compares bytes already; PostgreSQL needs the C collation for the subtree range to use the index.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", PATH_LENGTH)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


def within(field: str, path: str) -> Q:
    """The condition that `field` is `path` or below it: one index range, because "0" follows "/"."""
    if not path:
        return Q(**{f"{field}__gte": ""})
    return Q(**{f"{field}__gte": path, f"{field}__lt": path[:-1] + "0"})


def covers(upper: str, lower: str) -> bool:
    """Whether the area of path `upper` is that of `lower` or above it."""
    return lower.startswith(upper)


def ancestors(path: str) -> list[str]:
    """The path itself and all above it, nearest first."""
    codes = path.split("/")[:-1]
    return ["/".join(codes[:n]) + "/" for n in range(len(codes), 0, -1)]

"""Calls to pages and to the API in tests: a program with a key, a person with a session, or a stranger."""

import json
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from gezhi.foundation.actors.keys import create_key
from tests.town import Town, picture

ALL_SCOPES = ("cases:read", "cases:report", "cases:act", "admin")
ROOT = "/api/v1"


def signed_in(town: Town, name: str) -> Client:
    """A browser in which this person of the town is signed in."""
    client = Client()
    client.force_login(town.users[name])
    return client


class Caller:
    """Sends JSON and reads JSON, in English unless told otherwise."""

    def __init__(self, headers: dict[str, str] | None = None, client: Client | None = None) -> None:
        self.client = client or Client()
        self.headers = {"Accept-Language": "en", **(headers or {})}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic(
            method,
            ROOT + path,
            content,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(ROOT + path, query, headers=self.headers)

    def post(self, path: str, body: Any = None) -> HttpResponse:
        return self.send("POST", path, body)

    def photo(self, shade: int = 120, path: str = "/files", name: str = "photo.jpg") -> HttpResponse:
        return self.client.post(
            ROOT + path, {"photo": SimpleUploadedFile(name, picture(shade))}, headers=self.headers
        )

    def photo_id(self, shade: int = 120) -> str:
        answer = self.photo(shade)
        assert answer.status_code == 201, answer.content
        return answer.json()["id"]


def program(town: Town, name: str, *scopes: str) -> Caller:
    """A program acting for somebody of the cast, with all scopes unless some are named."""
    now = timezone.now()
    _key, secret = create_key(
        actor=town.actor(name, at=now),
        at=now,
        name="test",
        scopes=scopes or ALL_SCOPES,
        expires_at=now + timedelta(days=1),
    )
    return Caller({"Authorization": f"Bearer {secret}"})


def person(town: Town, name: str, *, check_csrf: bool = False) -> Caller:
    """Somebody of the cast signed in in a browser."""
    client = Client(enforce_csrf_checks=check_csrf)
    client.force_login(town.users[name])
    return Caller(client=client)


def stranger() -> Caller:
    return Caller()

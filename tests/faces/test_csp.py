"""What a page may load and run is said with every answer."""

from contextlib import closing

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from gezhi.faces.look.csp import policy
from gezhi.faces.look.uploads import token_of
from tests.town import Town


def directives(text: str) -> dict[str, list[str]]:
    named = (part.split() for part in text.split(";"))
    return {name: values for name, *values in named}


@pytest.mark.parametrize(
    "address", ["/", "/no-such-page/", "/api/docs", "/api/v1/cases", "/static/look/mark.svg"]
)
def test_every_answer_carries_the_policy(db: None, address: str) -> None:
    with closing(Client().get(address)) as answer:
        assert answer["Content-Security-Policy"] == policy("")


def test_nothing_but_our_own_files_is_run_or_styles_a_page() -> None:
    told = directives(policy(""))
    assert told["default-src"] == [
        "'self'"
    ]  # scripts, styles, workers and fonts too: none has words of its own
    assert not told.keys() & {"script-src", "script-src-elem", "style-src", "style-src-attr", "worker-src"}
    assert told["img-src"] == ["'self'", "data:", "blob:"]
    assert told["connect-src"] == ["'self'"]


def test_outside_tiles_are_allowed_by_their_servers_and_nothing_more(db: None, settings: Settings) -> None:
    settings.TILES_URL = (
        "https://b.example:8443/{z}/{x}/{y}.png?key=1 //a.example/{z}/{x}/{y} /own/{z}/{x}/{y}"
    )
    plain, told = directives(policy("")), directives(Client().get("/")["Content-Security-Policy"])
    outside = ["https://a.example", "https://b.example:8443"]
    assert told["img-src"] == [*plain["img-src"], *outside]
    assert told["connect-src"] == [*plain["connect-src"], *outside]
    assert {**told, "img-src": plain["img-src"], "connect-src": plain["connect-src"]} == plain


def test_a_photo_keeps_the_narrower_policy_it_brings(town: Town) -> None:
    client = Client()
    client.force_login(town.users["worker"])
    answer = client.get(f"/kept-photo/{token_of(town.photo())}/")
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == "default-src 'none'"

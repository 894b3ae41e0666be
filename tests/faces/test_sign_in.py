"""Signing in: password, the second step with a phone's code, recovery codes, forgotten passwords."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from django.test import Client

from tests.town import PASSWORD, Town


def phone_code(secret: str) -> str:
    """What a code app shows now for a secret (RFC 6238, 30 seconds, six digits)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


@pytest.fixture
def dispatcher(town: Town, client: Client) -> Client:
    """A browser in which the dispatcher has just signed in with the password."""
    client.post("/accounts/login/", {"login": "dispatcher", "password": PASSWORD})
    return client


def switch_on(client: Client) -> str:
    """Switch the second step on; the phone's secret."""
    page = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "请再确认是你本人" in page.text
    again = {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
    page = client.post("/accounts/reauthenticate/", again, follow=True)
    assert "用手机上的验证码应用扫" in page.text
    found = re.search(r'<b class="mono">(\w+)</b>', page.text)
    assert found
    client.post("/accounts/2fa/totp/activate/", {"code": phone_code(found[1])})
    return found[1]


def test_a_wrong_password_says_what_to_do_and_keeps_the_name(town: Town, client: Client) -> None:
    page = client.post("/accounts/login/", {"login": "dispatcher", "password": "wrong"})
    assert 'value="dispatcher"' in page.text
    assert 'role="alert"' in page.text


def test_with_the_second_step_on_the_password_alone_does_not_open_the_account(dispatcher: Client) -> None:
    switch_on(dispatcher)
    assert "已开启" in dispatcher.get("/accounts/2fa/").text
    dispatcher.post("/accounts/logout/")
    answer = dispatcher.post("/accounts/login/", {"login": "dispatcher", "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert dispatcher.get("/home/")["Location"] == "/"
    page = dispatcher.get("/accounts/2fa/authenticate/")
    assert "还差一步" in page.text
    wrong = dispatcher.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert 'role="alert"' in wrong.text


def test_a_recovery_code_opens_the_account_once(dispatcher: Client) -> None:
    switch_on(dispatcher)
    codes = re.findall(r"<li>(\w{8})</li>", dispatcher.get("/accounts/2fa/recovery-codes/").text)
    assert len(codes) == 10
    for lands in ("/home/", None):
        dispatcher.post("/accounts/logout/")
        dispatcher.post("/accounts/login/", {"login": "dispatcher", "password": PASSWORD})
        answer = dispatcher.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert answer.get("Location") == lands


def test_the_second_step_can_be_switched_off_again(dispatcher: Client) -> None:
    switch_on(dispatcher)
    assert "要关闭两步验证吗" in dispatcher.get("/accounts/2fa/totp/deactivate/").text
    dispatcher.post("/accounts/2fa/totp/deactivate/")
    assert "未开启" in dispatcher.get("/accounts/2fa/").text


def test_passwords_are_changed_with_the_old_one(dispatcher: Client) -> None:
    fresh = {"password1": "Another-12345", "password2": "Another-12345"}
    refused = dispatcher.post("/accounts/password/change/", {"oldpassword": "wrong", **fresh})
    assert 'role="alert"' in refused.text
    assert (
        dispatcher.post("/accounts/password/change/", {"oldpassword": PASSWORD, **fresh}).status_code == 302
    )
    dispatcher.post("/accounts/logout/")
    answer = dispatcher.post("/accounts/login/", {"login": "dispatcher", "password": "Another-12345"})
    assert answer["Location"] == "/home/"


def test_nobody_opens_an_account_or_resets_a_password_from_outside(db: None, client: Client) -> None:
    assert "这里不开通账号" in client.get("/accounts/signup/").text
    page = client.get("/accounts/password/reset/").text
    assert "请找本单位的岗位管理员重设" in page
    assert "<input" not in page.split("<main")[1]

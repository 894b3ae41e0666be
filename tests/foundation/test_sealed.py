"""Sealed values: who can open them, and what happens to keys."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from gezhi.foundation.sealed import keys
from gezhi.foundation.sealed.errors import KeyDamagedError, KeyMissingError, TokenError
from gezhi.foundation.sealed.services import blind_index, rotate, seal, unseal

PHONE = "13900001234"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.SEALING_KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300), st.text(max_size=20))
def test_what_is_sealed_opens_again_for_its_purpose(value, purpose):
    assert unseal(token=seal(value=value, purpose=purpose), purpose=purpose) == value


def test_a_token_shows_nothing_of_its_text_and_never_repeats():
    one, other = seal(value=PHONE, purpose="phone"), seal(value=PHONE, purpose="phone")
    assert PHONE.encode() not in one
    assert one != other


def test_a_database_may_hand_the_token_out_as_a_memoryview():
    assert unseal(token=memoryview(seal(value=PHONE, purpose="phone")), purpose="phone") == PHONE


def test_a_token_does_not_open_for_another_purpose():
    token = seal(value=PHONE, purpose="case.reporter")
    with pytest.raises(TokenError):
        unseal(token=token, purpose="person.phone")


def test_no_byte_of_a_token_can_be_changed():
    token = seal(value=PHONE, purpose="phone")
    for place in range(len(token)):
        changed = bytearray(token)
        changed[place] ^= 1
        with pytest.raises((TokenError, KeyMissingError)):
            unseal(token=bytes(changed), purpose="phone")


@pytest.mark.parametrize("cut", [0, 1, 18, 34, -1])
def test_a_token_cut_short_or_made_longer_does_not_open(cut):
    token = seal(value=PHONE, purpose="phone")
    with pytest.raises(TokenError):
        unseal(token=token[:cut], purpose="phone")
    with pytest.raises(TokenError):
        unseal(token=token + b"x", purpose="phone")


class TestKeys:
    def test_first_use_makes_both_keys_readable_by_the_owner_alone(self, folder):
        seal(value=PHONE, purpose="phone")
        assert names(folder) == ["sealing-0001.key", "sealing-index.key"]
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_after_rotation_old_tokens_open_and_new_ones_use_the_new_key(self, folder):
        old = seal(value=PHONE, purpose="phone")
        index = blind_index(value=PHONE, purpose="phone")
        assert rotate() == 2
        new = seal(value=PHONE, purpose="phone")
        assert unseal(token=old, purpose="phone") == unseal(token=new, purpose="phone") == PHONE
        assert blind_index(value=PHONE, purpose="phone") == index
        (folder / "sealing-0001.key").unlink()
        assert unseal(token=new, purpose="phone") == PHONE
        with pytest.raises(KeyMissingError, match=r"sealing-0001\.key is missing. Restore it"):
            unseal(token=old, purpose="phone")

    def test_a_new_folder_does_not_pass_for_the_lost_one(self, folder):
        token = seal(value=PHONE, purpose="phone")
        shutil.rmtree(folder)
        seal(value=PHONE, purpose="phone")  # a key of the same number is made
        with pytest.raises(KeyMissingError, match="not the one"):
            unseal(token=token, purpose="phone")

    def test_a_lost_index_key_is_told_and_not_replaced(self, folder):
        seal(value=PHONE, purpose="phone")
        (folder / "sealing-index.key").unlink()
        with pytest.raises(KeyMissingError, match="sealing-index"):
            blind_index(value=PHONE, purpose="phone")
        assert names(folder) == ["sealing-0001.key"]

    @pytest.mark.parametrize("content", ["", "not hexadecimal", "ab" * 31])
    def test_a_damaged_key_file_is_told(self, folder, content):
        token = seal(value=PHONE, purpose="phone")
        (folder / "sealing-0001.key").write_text(content)
        with pytest.raises(KeyDamagedError):
            unseal(token=token, purpose="phone")

    def test_other_files_in_the_folder_are_left_alone(self, folder):
        folder.mkdir()
        (folder / "django.secret").write_text("x")
        (folder / "sealing-0009.key.bak").write_text("x")
        seal(value=PHONE, purpose="phone")
        assert "sealing-0001.key" in names(folder)


SEAL_WHEN_TOLD = """
import sys
from django.conf import settings
settings.configure(SEALING_KEYS_DIR=sys.argv[1])
from gezhi.foundation.sealed.services import seal
print("ready", flush=True)
sys.stdin.readline()
print(seal(value=sys.argv[2], purpose="phone").hex())
"""


def test_processes_that_start_at_once_agree_on_one_key(folder):
    command = [sys.executable, "-c", SEAL_WHEN_TOLD, str(folder), PHONE]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    tokens = [bytes.fromhex(process.communicate(timeout=30)[0]) for process in started]
    assert names(folder) == ["sealing-0001.key", "sealing-index.key"]
    assert [unseal(token=token, purpose="phone") for token in tokens] == [PHONE] * 4


class TestBlindIndex:
    def test_equal_texts_have_equal_indexes_of_32_bytes(self):
        assert blind_index(value=PHONE, purpose="phone") == blind_index(value=PHONE, purpose="phone")
        assert len(blind_index(value=PHONE, purpose="phone")) == 32

    def test_other_texts_and_other_purposes_have_others(self):
        found = {
            blind_index(value=value, purpose=purpose)
            for value in (PHONE, "13900001235", "")
            for purpose in ("phone", "person")
        }
        assert len(found) == 6

    def test_it_cannot_be_computed_without_the_key_folder(self, folder, settings, tmp_path):
        here = blind_index(value=PHONE, purpose="phone")
        settings.SEALING_KEYS_DIR = tmp_path / "elsewhere"
        assert blind_index(value=PHONE, purpose="phone") != here


def test_key_numbers_end_before_a_token_cannot_hold_them(folder):
    seal(value=PHONE, purpose="phone")
    (folder / f"sealing-{keys.LAST}.key").write_text("ab" * 32)
    with pytest.raises(KeyMissingError, match="no key numbers"):
        rotate()

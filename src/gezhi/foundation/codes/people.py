"""Identity numbers of citizens (GB 11643) and unified social credit codes of organisations (GB 32100)."""

import unicodedata
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from stdnum.cn import ric, uscc

from gezhi.foundation.codes.errors import CodeError

CREDIT_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
EARLIEST_BIRTH = 1880


class Sex(StrEnum):
    """With the codes of GB/T 2261.1 in `SEX_CODES`."""

    MALE = "male"
    FEMALE = "female"


SEX_CODES = {"0": "unknown", "1": "male", "2": "female", "9": "unstated"}


class Identity(NamedTuple):
    """What an identity number says. The county is that of its first issue and may be long dissolved, so it is
    not looked up."""

    number: str
    county: str
    born: date
    sex: Sex


def parse_identity(text: str, *, on: date) -> Identity:
    """Read an identity number as typed (blanks, a small x and full-width digits are forgiven).

    `on` is the day it must have been issued by. Errors: identity_old (15 digits), identity_form,
    identity_county, identity_birth, identity_check.
    """
    number = _as_typed(text)
    if len(number) == 15 and number.isdigit():
        raise CodeError("identity_old", "numbers of 15 digits are no longer valid")
    if not (len(number) == 18 and number.isascii() and number[:17].isdigit() and number[17] in "0123456789X"):
        raise CodeError("identity_form", "an identity number has 17 digits and a digit or X")
    if number[0] == "0" or number[2:6] == "0000":
        raise CodeError("identity_county", f"no county has the code {number[:6]}")
    if number[17] != ric.calc_check_digit(number):
        raise CodeError("identity_check", "the last character does not fit the others")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise CodeError("identity_birth", f"no such day: {number[6:14]}") from error
    if born.year < EARLIEST_BIRTH or born > on:
        raise CodeError("identity_birth", f"nobody alive is born on {born}")
    return Identity(number, number[:6], born, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def parse_credit_code(text: str) -> str:
    """The unified social credit code in its one form. Errors: credit_form, credit_check.

    The department and kind at its start may be letters (rural collectives have N), which python-stdnum's own
    validation refuses; its check character is used.
    """
    code = _as_typed(text)
    if len(code) != 18 or not set(code) <= CREDIT_ALPHABET or not code[2:8].isdigit():
        raise CodeError("credit_form", "a credit code has 18 characters, without I, O, S, V and Z")
    if code[17] != uscc.calc_check_digit(code[:17]):
        raise CodeError("credit_check", "the last character does not fit the others")
    return code


def _as_typed(text: str) -> str:
    """One form for what people type: no blanks or hyphens, no full-width letters, capitals."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if not c.isspace() and c != "-")

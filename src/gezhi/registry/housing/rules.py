"""How an address is folded so that what a caller says and what the register holds can meet."""

import re
import unicodedata

_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_NUMBERED = re.compile(
    r"([〇一二三四五六七八九]?)十([一二三四五六七八九]?)(?=[号栋幢座楼单])|[〇一二三四五六七八九]+(?=[号栋幢座楼单])"
)
_BLOCK = re.compile(r"(\d+)(?:号楼|栋|幢|座|#楼?)")
_LEFT_OUT = re.compile(r"[\s\0,。.、·()\-]+")  # NUL too: PostgreSQL refuses to look for it


def fold(text: str) -> str:
    """One spelling of an address: half-width, lower case, no spaces; "三栋", "3幢", "3#楼" all as "3号楼"."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = _NUMBERED.sub(_arabic, text)
    text = _BLOCK.sub(r"\1号楼", text)
    return _LEFT_OUT.sub("", text)


def _arabic(match: re.Match[str]) -> str:
    text = match.group(0)
    if "十" not in text:
        return text.translate(_DIGITS)
    tens, ones = match.group(1), match.group(2)
    return f"{tens.translate(_DIGITS) or '1'}{ones.translate(_DIGITS) or '0'}"

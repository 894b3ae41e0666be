"""The language of the page, for what is kept in Chinese and English."""

from django.utils.translation import get_language


def english() -> bool:
    """Whether the page is in English; otherwise it is in Chinese."""
    return (get_language() or "").startswith("en")


def named(name: str, name_en: str) -> str:
    """The name for the page; the Chinese one where there is no other."""
    return name_en if name_en and english() else name

"""Texts of the document on the page: OpenAPI's are Markdown, and code is all of it that ours use."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
CODE = re.compile(r"`([^`]+)`")


@register.filter
def with_code(text: str) -> SafeString:
    """The text with what stands between backticks as code."""
    return mark_safe(CODE.sub(r'<code class="mono">\1</code>', escape(text)))  # noqa: S308 (escaped first)

"""Addresses of the console inside templates, the area of the page kept."""

from typing import Any

from django import template
from django.template import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def to(context: Context, name: str, *args: Any, **params: Any) -> str:
    """The address of a page of the console: {% to "case" case.number next=here_url %}."""
    found: str = context["desk"].url(name, *args, **params)
    return found

"""Addresses of the console inside templates, the area of the page kept."""

from typing import Any

from django import template
from django.template import Context

from gezhi.faces.look.cases.rows import title_of
from gezhi.work.cases.models import Case

register = template.Library()


@register.simple_tag(takes_context=True)
def to(context: Context, name: str, *args: Any, **params: Any) -> str:
    """The address of a page of the console: {% to "case" case.number next=here_url %}."""
    found: str = context["desk"].url(name, *args, **params)
    return found


@register.filter
def titled(case: Case) -> str:
    """What a case is called in the page's language; expects its item to be loaded."""
    return title_of(case)

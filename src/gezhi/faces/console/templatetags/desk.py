"""Addresses of the console inside templates, the area of the page kept."""

from typing import Any

from django import template
from django.template import Context

from gezhi.work.cases.acts import Act
from gezhi.work.cases.models import Case
from gezhi.work.desk.queries import phrases_for

register = template.Library()


@register.simple_tag(takes_context=True)
def to(context: Context, name: str, *args: Any, **params: Any) -> str:
    """The address of a page of the console: {% to "case" case.number next=here_url %}."""
    found: str = context["desk"].url(name, *args, **params)
    return found


@register.inclusion_tag("console/parts/phrases.html", takes_context=True)
def phrases(context: Context, act: Act, case: Case) -> dict[str, Any]:
    """One's phrases for an act in which something is written, put in by a click or by their shortcut."""
    writes = any(spec.kind in ("text", "line") for spec in act.inputs)
    desk = context["desk"]
    found = phrases_for(desk.actor, act=act.code, area_path=case.area_path) if writes else []
    return {"phrases": found, "writes": writes, "desk": desk}

"""Choosing what a case is about: an item or a filing condition, found in a few keystrokes or in the tree."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gezhi.foundation.audit.errors import NotFound
from gezhi.foundation.ids import id_in
from gezhi.work.matters import queries
from gezhi.work.matters.models import CatalogueVersion, Condition, MatterItem

OFFERED = 8  # items a search shows
OFFERED_WITH_CONDITIONS = 4  # items whose conditions a search shows, each condition a line
Context = dict[str, Any]


class ItemInput(forms.Widget):
    """One item of the catalogue: a search box, what it finds as radio buttons, and the tree under it.

    `finds`: a button that searches without scripts, by sending the form; its view must then show it again.
    """

    template_name = "look/widgets/item.html"
    grouped = True

    def __init__(self, items: Iterable[MatterItem] = (), *, spot: bool = False, finds: bool = False) -> None:
        super().__init__()
        self.items, self.spot, self.finds = list(items), spot, finds
        self.query = ""  # what was typed, where no script could search

    def get_context(self, name: str, value: Any, attrs: Context | None) -> Context:
        context = super().get_context(name, value, attrs)
        number = id_in(str(value or ""))
        chosen = MatterItem.objects.filter(pk=number).first() if number else None
        found = _search(self.query, OFFERED, spot=self.spot) if self.query else self.items
        items = [*([chosen] if chosen else []), *(item for item in found if item != chosen)]
        shown = items if self.query or chosen is None else items[:1]
        given = {"items": shown, "chosen": str(value or ""), "spot": self.spot, "query": self.query}
        return context | given | {"name": name, "finds": self.finds}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        self.query = data.get(f"{name}-q", "").strip() if f"{name}-find" in data else ""
        return super().value_from_datadict(data, files, name)


class ConditionInput(forms.Widget):
    """One filing condition: those of the likely items as radio buttons, a search and the tree for others.

    `finds`: as of `ItemInput`.
    """

    template_name = "look/widgets/condition.html"
    grouped = True

    def __init__(
        self, conditions: Iterable[Condition] = (), *, spot: bool = False, finds: bool = False
    ) -> None:
        super().__init__()
        self.conditions, self.spot, self.finds = list(conditions), spot, finds
        self.query = ""

    def get_context(self, name: str, value: Any, attrs: Context | None) -> Context:
        context = super().get_context(name, value, attrs)
        chosen = str(value or "")
        conditions = self.conditions
        if self.query:
            conditions = _conditions(_search(self.query, OFFERED_WITH_CONDITIONS, spot=self.spot))
        if chosen and chosen not in {str(one.pk) for one in conditions}:
            picked = Condition.objects.filter(pk=id_in(chosen)).select_related("item")
            conditions = [*picked, *conditions]
        given = {"conditions": conditions, "chosen": chosen, "spot": self.spot, "query": self.query}
        return context | given | {"name": name, "finds": self.finds}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        self.query = data.get(f"{name}-q", "").strip() if f"{name}-find" in data else ""
        return super().value_from_datadict(data, files, name)


def likely_conditions(*, item: MatterItem | None, text: str, at: datetime) -> list[Condition]:
    """The conditions to begin with: those of the item, or of the items that fit the words best."""
    if item is not None:
        return _conditions([item])
    version = queries.current_version(at=at)
    return _conditions(queries.propose(version=version, text=text)) if version else []


@require_safe
def items_part(request: HttpRequest) -> HttpResponse:
    """What a search for items finds, as radio buttons; staff only."""
    found = _found(request, OFFERED)
    return render(request, "look/parts/items.html", _asked(request) | {"items": found})


@require_safe
def tree_part(request: HttpRequest) -> HttpResponse:
    """The whole catalogue as a tree of radio buttons; staff only.

    With `found`, the id of an element, an item is a button that brings its conditions there instead.
    """
    asked = _asked(request) | {"found": request.GET.get("found", "")}
    nodes = [
        (node.matter_class, [item for item in node.items if item.solve_on_spot or not asked["spot"]])
        for node in queries.tree(version=_version(request))
    ]
    shown = [(matter_class, items) for matter_class, items in nodes if items]
    return render(request, "look/parts/item_tree.html", asked | {"nodes": shown})


@require_safe
def conditions_part(request: HttpRequest) -> HttpResponse:
    """The conditions of one `item`, or of what a search finds, as radio buttons; staff only."""
    if item := id_in(request.GET.get("item", "")):
        items = list(MatterItem.objects.filter(pk=item, version=_version(request)))
    else:
        items = _found(request, OFFERED_WITH_CONDITIONS)
    found = _conditions(items)
    return render(request, "look/parts/conditions.html", _asked(request) | {"conditions": found})


def _found(request: HttpRequest, limit: int) -> list[MatterItem]:
    _version(request)
    asked = _asked(request)
    return _search(asked["query"], limit, spot=asked["spot"])


def _search(text: str, limit: int, *, spot: bool) -> list[MatterItem]:
    """Items of the catalogue in force; with `spot` only those solved on the spot."""
    version = queries.current_version(at=timezone.now())
    if version is None:
        return []
    found = queries.search(version=version, text=text, limit=limit * (5 if spot else 1))
    return [item for item in found if item.solve_on_spot or not spot][:limit]


def _asked(request: HttpRequest) -> Context:
    """The field the buttons are for, what was typed, and whether only what is solved on the spot counts."""
    name = request.GET.get("name", "")
    return {
        "name": name,
        "query": request.GET.get(f"{name}-q", "").strip(),
        "spot": request.GET.get("spot") == "1",
    }


def _version(request: HttpRequest) -> CatalogueVersion:
    version = queries.current_version(at=timezone.now()) if request.actor else None  # type: ignore[attr-defined]
    if version is None:
        raise NotFound
    return version


def _conditions(items: Sequence[MatterItem]) -> list[Condition]:
    """In the order of the items."""
    rows = Condition.objects.filter(item__in=items).select_related("item").order_by("number")
    place = {item.pk: n for n, item in enumerate(items)}
    return sorted(rows, key=lambda row: (place[row.item_id], row.number))

"""The catalogue of matters: its versions, the tree of one, an item with its filing conditions, drafts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import SettingsForm, tried
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.work.matters import queries, services
from gezhi.work.matters.models import LIMIT_KINDS, CatalogueVersion, Condition, MatterItem, MatterKind
from gezhi.work.matters.queries import ClassNode, duties_by_order
from gezhi.work.matters.rules import EVIDENCE_STEPS, LEVEL_NAMES, MOST_PHOTOS, RESPONSIBLE_LEVELS
from gezhi.work.matters.services import ConditionEdit, ItemEdit

STEP_NAMES = {
    "report": gettext_lazy("Photos at the report"),
    "result": gettext_lazy("Photos of the result"),
    "verify": gettext_lazy("Photos at the verification"),
}


def two_lines() -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 2})


ITEM_FIELDS = ("aliases", "solve_on_spot", "direct_answer", "public")


class DraftForm(SettingsForm):
    """A new draft."""

    name = forms.CharField(
        label=gettext_lazy("Name of the new version"),
        help_text=gettext_lazy("For example the document it follows."),
        max_length=80,
    )


class ItemForm(SettingsForm):
    """How an item is used."""

    aliases = forms.CharField(
        label=gettext_lazy("Also called"),
        help_text=gettext_lazy("Words people use for it, parted by spaces; the search finds them."),
        max_length=200,
        required=False,
    )
    solve_on_spot = forms.BooleanField(
        label=gettext_lazy("A grid worker may solve it on the spot"), required=False
    )
    direct_answer = forms.BooleanField(label=gettext_lazy("Intake may answer it directly"), required=False)
    public = forms.BooleanField(label=gettext_lazy("Residents may choose it"), required=False)


class ConditionForm(SettingsForm):
    """A filing condition."""

    stands_for = {"evidence": "evidence_report", "responsible": "responsible_community"}
    text_zh = forms.CharField(
        label=gettext_lazy("When a case is filed (Chinese)"),
        max_length=200,
        widget=two_lines(),
    )
    text_en = forms.CharField(
        label=gettext_lazy("When a case is filed (English)"),
        max_length=300,
        widget=two_lines(),
    )
    limit_amount = forms.DecimalField(
        label=gettext_lazy("Limit"), max_digits=6, decimal_places=2, min_value=Decimal("0.01")
    )
    limit_kind = forms.ChoiceField(choices=list(LIMIT_KINDS.items()), label=gettext_lazy("Counted in"))
    until_stopped = forms.BooleanField(
        label=gettext_lazy("The limit is for putting a stop to it"), required=False
    )
    emergency = forms.BooleanField(label=pgettext_lazy("condition", "Emergency"), required=False)
    closing_zh = forms.CharField(
        label=gettext_lazy("When it may be closed (Chinese)"),
        max_length=200,
        widget=two_lines(),
    )
    closing_en = forms.CharField(
        label=gettext_lazy("When it may be closed (English)"),
        max_length=300,
        widget=two_lines(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for step in EVIDENCE_STEPS:
            self.fields[f"evidence_{step}"] = forms.IntegerField(
                label=STEP_NAMES[step], min_value=0, max_value=MOST_PHOTOS
            )
        duties: list[Any] = [("", gettext_lazy("nobody at this level"))]
        duties += [(duty.code, duty.shown) for duty in duties_by_order()]
        for level in RESPONSIBLE_LEVELS:
            self.fields[f"responsible_{level}"] = forms.ChoiceField(
                choices=duties,
                label=gettext_lazy("Who answers at %(level)s level") % {"level": LEVEL_NAMES[level]},
                required=False,
            )

    def edit(self) -> ConditionEdit:
        """What the form says, as the domain takes it."""
        said = self.cleaned_data
        duties = {level: said[f"responsible_{level}"] for level in RESPONSIBLE_LEVELS}
        plain = {
            name: value for name, value in said.items() if not name.startswith(("evidence_", "responsible_"))
        }
        return ConditionEdit(
            **plain,
            evidence={step: said[f"evidence_{step}"] for step in EVIDENCE_STEPS},
            responsible={level: duty for level, duty in duties.items() if duty},
        )


# A new condition asks for a photo at each step, as most do.
USUAL = {f"evidence_{step}": 1 for step in EVIDENCE_STEPS}


def initial_of(condition: Condition) -> dict[str, Any]:
    plain = ("text_zh", "text_en", "limit_kind", "until_stopped", "emergency", "closing_zh", "closing_en")
    return {
        **{name: getattr(condition, name) for name in plain},
        "limit_amount": f"{condition.limit_amount.normalize():f}",
        **{f"evidence_{step}": condition.photos(step) for step in EVIDENCE_STEPS},
        **{f"responsible_{level}": condition.responsible.get(level, "") for level in RESPONSIBLE_LEVELS},
    }


@require_safe
@for_settings("catalogue")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The versions: the one in force, a draft, older ones."""
    return _versions_page(desk, DraftForm())


def _versions_page(desk: Desk, form: DraftForm) -> HttpResponse:
    versions = list(CatalogueVersion.objects.visible_to(desk.actor))
    context = {
        "versions": versions,
        "current": queries.current_version(at=desk.at),
        "draft": next((one for one in versions if one.is_draft), None),
        "form": form,
    }
    return show(desk, "catalogue.html", context, on="catalogue", status=422 if form.errors else 200)


@require_POST
@for_settings("catalogue")
def start_draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A draft: a copy of the newest version to work on."""
    form = DraftForm(data=request.POST)
    draft = tried(form, lambda said: services.revise(actor=desk.actor, at=desk.at, **said))
    if draft is None:
        return _versions_page(desk, form)
    messages.success(request, _("The draft is ready. Nothing changes for cases until it is published."))
    return back_to(desk, "version", draft.number)


@require_safe
@for_settings("catalogue")
def version(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """The tree of one version, or what a search finds in it."""
    one = _version(desk, number)
    words = request.GET.get("q", "")[:60]
    nodes = queries.tree(version=one)
    found = queries.search(version=one, text=words, limit=50) if words else []
    kinds = [(MatterKind(kind).label, _of_kind(nodes, kind)) for kind in MatterKind.values]
    context = {
        "version": one,
        "words": words,
        "found": found,
        "kinds": [(label, classes) for label, classes in kinds if classes],
        "current": queries.current_version(at=desk.at),
    }
    return show(desk, "version.html", context, on="catalogue")


def _of_kind(nodes: list[ClassNode], kind: str) -> list[ClassNode]:
    return [node for node in nodes if node.matter_class.kind == kind]


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("catalogue")
def item(request: HttpRequest, desk: Desk, number: int, kind: str, code: str) -> HttpResponse:
    """An item with its filing conditions; in a draft they can be changed."""
    one = _version(desk, number)
    found = queries.item_in(version=one, key=f"{kind}:{code}")
    if found is None:
        raise NotFound
    what = request.POST.get("what", "")  # which of the forms was sent: "item", "new", the id of a condition
    item_form = ItemForm(
        data=request.POST if what == "item" else None, initial={n: getattr(found, n) for n in ITEM_FIELDS}
    )
    new_form = ConditionForm(data=request.POST if what == "new" else None, initial=USUAL, prefix="new")
    pairs = [
        (each, _condition_form(each, request.POST if what == str(each.pk) else None))
        for each in queries.conditions_of(item=found)
    ]
    if what and _saved(desk, found, item_form, new_form, pairs):
        messages.success(request, _("Saved in the draft."))
        return back_to(desk, "item", number, kind, code)
    duties = {duty.code: duty.shown for duty in duties_by_order()}
    rows = [{"condition": each, "form": form, "duties": _duties(each, duties)} for each, form in pairs]
    context = {
        "version": one,
        "item": found,
        "item_form": item_form,
        "new_form": new_form,
        "conditions": rows,
    }
    wrong = any(form.errors for form in (item_form, new_form, *(form for _each, form in pairs)))
    return show(desk, "item.html", context, on="catalogue", status=422 if wrong else 200)


def _condition_form(condition: Condition, data: Any) -> ConditionForm:
    return ConditionForm(data=data, initial=initial_of(condition), prefix=str(condition.pk))


def _saved(
    desk: Desk,
    found: MatterItem,
    item_form: ItemForm,
    new_form: ConditionForm,
    pairs: list[tuple[Condition, ConditionForm]],
) -> bool:
    """Save what the one form says that was sent."""
    by: dict[str, Any] = {"actor": desk.actor, "at": desk.at}
    if item_form.is_bound:
        done = tried(
            item_form, lambda said: services.edit_item(item_id=found.pk, edit=ItemEdit(**said), **by)
        )
        return done is not None
    if new_form.is_bound:
        done = tried(
            new_form, lambda said: services.add_condition(item_id=found.pk, edit=new_form.edit(), **by)
        )
        return done is not None
    for condition, form in pairs:
        if form.is_bound:
            return tried(form, _editing(condition, form, by)) is not None
    return False


def _editing(
    condition: Condition, form: ConditionForm, by: dict[str, Any]
) -> Callable[[dict[str, Any]], Condition]:
    return lambda said: services.edit_condition(condition_id=condition.pk, edit=form.edit(), **by)


@require_POST
@for_settings("catalogue")
def remove_condition(
    request: HttpRequest, desk: Desk, number: int, kind: str, code: str, condition_id: int
) -> HttpResponse:
    """Take a filing condition out of a draft."""
    services.remove_condition(actor=desk.actor, condition_id=condition_id, at=desk.at)
    messages.success(request, _("The condition is gone from the draft."))
    return back_to(desk, "item", number, kind, code)


def _duties(condition: Condition, names: dict[str, str]) -> list[tuple[Any, str]]:
    return [
        (LEVEL_NAMES[level], names.get(condition.responsible[level], condition.responsible[level]))
        for level in RESPONSIBLE_LEVELS
        if level in condition.responsible
    ]


@require_POST
@for_settings("catalogue")
def publish(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Publish a draft: new cases are filed under it at once."""
    one = _version(desk, number)
    try:
        services.publish_version(actor=desk.actor, version_id=one.pk, at=desk.at)
    except GezhiError as error:
        messages.error(request, str(error.message))
        return back_to(desk, "version", number)
    messages.success(request, _("Version %(n)s is in force. Cases under way keep theirs.") % {"n": number})
    return back_to(desk, "catalogue")


@require_POST
@for_settings("catalogue")
def discard(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Throw a draft away."""
    one = _version(desk, number)
    services.discard_draft(actor=desk.actor, version_id=one.pk, at=desk.at)
    messages.success(request, _("The draft is gone. What is in force stays as it was."))
    return back_to(desk, "catalogue")


def _version(desk: Desk, number: int) -> CatalogueVersion:
    found = CatalogueVersion.objects.visible_to(desk.actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found

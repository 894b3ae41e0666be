"""The catalogue of matters: read, search, revise and publish; the responsibility list."""

from decimal import Decimal
from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from ninja.params import functions as given
from ninja.responses import Status

from gezhi.faces.api import reading
from gezhi.faces.api.access import ADMIN, ANY, ApiRequest
from gezhi.faces.api.shapes import place_views as views
from gezhi.faces.api.shapes import places as s
from gezhi.faces.api.shapes.base import Done, Id, Lat, Lon, refusals
from gezhi.territory.layers.queries import locate_one
from gezhi.work.matters import queries, services
from gezhi.work.matters.models import CatalogueVersion, MatterItem, ResponsibilityRule
from gezhi.work.matters.services import ConditionEdit, ItemEdit

router = Router(tags=["matters"])
keeping = Router(tags=["catalogue"])
Words = Annotated[str, given.Query(description=_("Name, code, pinyin or its initials."), max_length=60)]


@router.get(
    "/matters",
    auth=ANY,
    response={200: list[s.ClassOut], **refusals(403, 404)},
    summary=_("Read the tree of matters in force"),
)
def read_tree(request: ApiRequest) -> list[s.ClassOut]:
    version = reading.version(timezone.now())
    return [views.matter_class(node) for node in queries.tree(version=version)]


@router.get(
    "/matters/search",
    auth=ANY,
    response={200: list[s.ItemOut], **refusals(403, 404, 422)},
    summary=_("Find an item in a few letters"),
)
def search_items(request: ApiRequest, q: Words) -> list[s.ItemOut]:
    version = reading.version(timezone.now())
    return [views.item(item) for item in queries.search(version=version, text=q)]


@router.get(
    "/matters/items/{key}",
    auth=ANY,
    response={200: s.ItemWhole, **refusals(403, 404)},
    summary=_("Read an item with its filing conditions"),
)
def read_item(request: ApiRequest, key: str) -> s.ItemWhole:
    found = reading.existing(queries.item_in(version=reading.version(timezone.now()), key=key))
    return views.item_whole(found, queries.conditions_of(item=found))


@router.get(
    "/matters/conditions/{condition}/agencies",
    auth=ANY,
    response={200: list[s.SuggestionOut], **refusals(403, 404, 422)},
    summary=_("Ask who answers for a matter at a place"),
)
def suggest(request: ApiRequest, condition: Id, lon: Lon, lat: Lat) -> list[s.SuggestionOut]:
    area = reading.existing(locate_one(lon=lon, lat=lat))
    found = queries.suggest_agencies(
        condition=reading.condition(condition), area_path=area.path, at=timezone.now()
    )
    return [views.suggestion(one) for one in found]


# -- keeping the catalogue


def _version(request: ApiRequest, number: int) -> CatalogueVersion:
    return reading.existing(CatalogueVersion.objects.visible_to(request.auth).filter(number=number).first())


@keeping.get(
    "/catalogue/versions",
    auth=ADMIN,
    response={200: list[s.VersionOut], **refusals(403)},
    summary=_("List versions of the catalogue"),
)
def list_versions(request: ApiRequest) -> list[s.VersionOut]:
    return [s.VersionOut.of(one) for one in CatalogueVersion.objects.visible_to(request.auth)]


@keeping.get(
    "/catalogue/versions/{number}/items",
    auth=ADMIN,
    response={200: list[s.ItemWhole], **refusals(403, 404)},
    summary=_("Read the items of a version with their filing conditions"),
)
def read_version(request: ApiRequest, number: Id) -> list[s.ItemWhole]:
    items = MatterItem.objects.filter(version=_version(request, number)).prefetch_related("conditions")
    return [views.item_whole(item, list(item.conditions.all())) for item in items]


@keeping.post(
    "/catalogue/drafts",
    auth=ADMIN,
    response={201: s.VersionOut, **refusals(403, 409, 422)},
    summary=_("Start a draft"),
)
def start_draft(request: ApiRequest, body: s.DraftIn) -> Status[s.VersionOut]:
    draft = services.revise(actor=request.auth, name=body.name, at=timezone.now())
    return Status(201, s.VersionOut.of(draft))


@keeping.delete(
    "/catalogue/versions/{number}",
    auth=ADMIN,
    response={200: Done, **refusals(403, 404, 409)},
    summary=_("Discard a draft"),
)
def discard_draft(request: ApiRequest, number: Id) -> Done:
    draft = _version(request, number)
    services.discard_draft(actor=request.auth, version_id=draft.pk, at=timezone.now())
    return Done()


@keeping.post(
    "/catalogue/versions/{number}/publish",
    auth=ADMIN,
    response={200: s.VersionOut, **refusals(403, 404, 409, 422)},
    summary=_("Publish a draft"),
    description=_(
        "New cases are filed under it at once; cases under way keep the version they were filed by."
    ),
)
def publish(request: ApiRequest, number: Id) -> s.VersionOut:
    draft = _version(request, number)
    published = services.publish_version(actor=request.auth, version_id=draft.pk, at=timezone.now())
    return s.VersionOut.of(published)


@keeping.patch(
    "/catalogue/conditions/{condition}",
    auth=ADMIN,
    response={200: s.ConditionOut, **refusals(403, 404, 409, 422)},
    summary=_("Change a filing condition of a draft"),
)
def edit_condition(request: ApiRequest, condition: Id, body: s.ConditionIn) -> s.ConditionOut:
    changes = body.model_dump()
    if body.limit_amount is not None:
        changes["limit_amount"] = Decimal(body.limit_amount)
    changed = services.edit_condition(
        actor=request.auth, condition_id=condition, at=timezone.now(), edit=ConditionEdit(**changes)
    )
    return views.condition(changed)


@keeping.patch(
    "/catalogue/items/{item}",
    auth=ADMIN,
    response={200: s.ItemOut, **refusals(403, 404, 409, 422)},
    summary=_("Change how an item of a draft is used"),
)
def edit_item(request: ApiRequest, item: Id, body: s.ItemIn) -> s.ItemOut:
    edit = ItemEdit(**body.model_dump())
    return views.item(services.edit_item(actor=request.auth, item_id=item, at=timezone.now(), edit=edit))


@keeping.get(
    "/responsibility",
    auth=ANY,
    response={200: list[s.RuleOut], **refusals(403, 422)},
    summary=_("Read the responsibility list"),
)
def list_rules(request: ApiRequest, area: str = "") -> list[s.RuleOut]:
    rules = ResponsibilityRule.objects.current(timezone.now()).select_related("area")
    if area:
        rules = rules.filter(area=reading.area_of(area))
    return [views.rule(one) for one in rules]


@keeping.post(
    "/responsibility",
    auth=ADMIN,
    response={200: s.RuleOut, **refusals(403, 404, 422)},
    summary=_("Write a line of the responsibility list"),
)
def set_rule(request: ApiRequest, body: s.RuleIn) -> s.RuleOut:
    rule = services.set_rule(
        actor=request.auth,
        area_id=reading.area_of(body.area).pk,
        at=timezone.now(),
        **body.model_dump(exclude={"area"}),
    )
    return views.rule(rule)


@keeping.delete(
    "/responsibility/{rule}",
    auth=ADMIN,
    response={200: Done, **refusals(403, 404)},
    summary=_("Take a line off the responsibility list"),
)
def end_rule(request: ApiRequest, rule: Id) -> Done:
    services.end_rule(actor=request.auth, rule_id=rule, at=timezone.now())
    return Done()

"""Areas and agencies."""

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from ninja.responses import Status

from gezhi.faces.api import reading
from gezhi.faces.api.access import ADMIN, ANY, ApiRequest
from gezhi.faces.api.shapes import place_views as views
from gezhi.faces.api.shapes import places as s
from gezhi.faces.api.shapes.base import Id, Lat, Lon, Place, refusals
from gezhi.faces.api.shapes.case_views import place
from gezhi.foundation.actors import agencies
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas import services
from gezhi.foundation.areas.models import Area
from gezhi.territory.layers.queries import locate_one

router = Router(tags=["areas"])
organisations = Router(tags=["agencies"])


def _area(code: str) -> Area:
    return reading.existing(Area.objects.filter(code=code).first())


@router.get(
    "/areas",
    auth=ANY,
    response={200: list[Place], **refusals(403, 422)},
    summary=_("List areas below another"),
    description=_("Without a parent: the top of the tree. Names of areas are public."),
)
def list_areas(request: ApiRequest, parent: str = "") -> list[Place]:
    above = reading.area_of(parent, "parent") if parent else None
    return [place(area) for area in Area.objects.filter(parent=above, retired_at=None)]


@router.get(
    "/areas/at",
    auth=ANY,
    response={200: s.AreaOut, **refusals(403, 404, 422)},
    summary=_("Ask which grid a point lies in"),
)
def locate(request: ApiRequest, lon: Lon, lat: Lat) -> s.AreaOut:
    return views.area(reading.existing(locate_one(lon=lon, lat=lat)))


@router.get(
    "/areas/{code}", auth=ANY, response={200: s.AreaOut, **refusals(403, 404)}, summary=_("Read an area")
)
def read_area(request: ApiRequest, code: str) -> s.AreaOut:
    return views.area(_area(code))


@router.post(
    "/areas",
    auth=ADMIN,
    response={201: s.AreaOut, **refusals(403, 404, 422)},
    summary=_("Add an area"),
)
def create_area(request: ApiRequest, body: s.AreaIn) -> Status[s.AreaOut]:
    made = services.create_area(
        actor=request.auth,
        at=timezone.now(),
        parent_id=reading.area_of(body.parent, "parent").pk,
        **body.model_dump(exclude={"parent"}),
    )
    return Status(201, views.area(made))


@router.patch(
    "/areas/{code}",
    auth=ADMIN,
    response={200: s.AreaOut, **refusals(403, 404, 409, 422)},
    summary=_("Rename an area"),
)
def rename_area(request: ApiRequest, code: str, body: s.AreaNamesIn) -> s.AreaOut:
    renamed = services.rename_area(
        actor=request.auth, at=timezone.now(), area_id=_area(code).pk, **body.model_dump()
    )
    return views.area(renamed)


@organisations.get(
    "/agencies",
    auth=ANY,
    response={200: list[s.AgencyOut], **refusals(403, 422)},
    summary=_("List agencies"),
    description=_("As a tree, in order of path; those that work on an area, if one is given."),
)
def list_agencies(request: ApiRequest, area: str = "", closed: bool = False) -> list[s.AgencyOut]:
    found = Agency.objects.select_related("area").order_by("path")
    if area:
        found = found.filter(area=reading.area_of(area))
    if not closed:
        found = found.filter(closed_at=None)
    return [views.agency(one) for one in found]


@organisations.post(
    "/agencies",
    auth=ADMIN,
    response={201: s.AgencyOut, **refusals(403, 422)},
    summary=_("Found an agency"),
)
def create_agency(request: ApiRequest, body: s.AgencyIn) -> Status[s.AgencyOut]:
    made = agencies.create_agency(
        actor=request.auth,
        at=timezone.now(),
        area_id=reading.area_of(body.area).pk,
        parent_id=body.parent,
        **body.model_dump(exclude={"area", "parent"}),
    )
    return Status(201, views.agency(made))


@organisations.put(
    "/agencies/{agency}",
    auth=ADMIN,
    response={200: s.AgencyOut, **refusals(403, 404, 409, 422)},
    summary=_("Change an agency"),
)
def edit_agency(request: ApiRequest, agency: Id, body: s.AgencyEditIn) -> s.AgencyOut:
    edited = agencies.edit_agency(
        actor=request.auth,
        at=timezone.now(),
        agency_id=agency,
        area_id=reading.area_of(body.area).pk,
        **body.model_dump(exclude={"area"}),
    )
    return views.agency(edited)


@organisations.post(
    "/agencies/{agency}/close",
    auth=ADMIN,
    response={200: s.AgencyOut, **refusals(403, 404, 409)},
    summary=_("Close an agency"),
)
def close_agency(request: ApiRequest, agency: Id) -> s.AgencyOut:
    return views.agency(agencies.close_agency(actor=request.auth, at=timezone.now(), agency_id=agency))

"""Areas, agencies, and the catalogue of matters."""

from datetime import datetime
from typing import Literal

from django.utils.translation import gettext_noop as _
from pydantic import Field

from gezhi.faces.api.shapes.base import Id, In, Out, Place
from gezhi.faces.api.shapes.cases import ConditionShort


class AreaOut(Place):
    """An area with what lies above and below."""

    name_zh: str
    name_en: str
    above: list[Place] = Field(description=_("From the top of the tree down."))
    below: list[Place]


class AreaNamesIn(In):
    """An area's names."""

    name: str = Field(max_length=80)
    name_en: str = Field("", max_length=120)


class AreaIn(AreaNamesIn):
    """An area to be added."""

    parent: str = Field(max_length=30, description=_("Code of the area above."))
    kind: str = Field(max_length=12)
    code: str = Field(max_length=30, description=_("It stays for good and is never used again."))


class AgencyOut(Out):
    """An organisation that answers for matters on an area."""

    id: int
    code: str
    path: str
    kind: str
    name: str
    name_zh: str
    name_en: str
    area: Place
    functions: list[str] = Field(description=_("The duties the catalogue names."))
    phone: str
    closed: bool


class AgencyEditIn(In):
    """What can be changed of an agency."""

    name: str = Field(max_length=80)
    name_en: str = Field("", max_length=120)
    kind: Literal["department", "station", "committee", "property_firm", "contractor", "utility"]
    area: str = Field(max_length=30, description=_("Code of the area it works on."))
    functions: list[str] = Field(default_factory=list, max_length=60)
    phone: str = Field("", max_length=30)


class AgencyIn(AgencyEditIn):
    """An agency to be founded."""

    code: str = Field(max_length=30)
    parent: Id | None = Field(None, description=_("Id of the agency above."))


class ItemOut(Out):
    """An item of the catalogue."""

    key: str = Field(description=_("Names the item through all versions, such as event:0110."))
    name: str
    solve_on_spot: bool
    direct_answer: bool
    public: bool = Field(description=_("Whether residents may choose it."))


class ClassOut(Out):
    """A class with its items."""

    kind: str
    code: str
    name: str
    items: list[ItemOut]


class ConditionOut(ConditionShort):
    """A filing condition with all it asks."""

    limit_kind: str
    limit_amount: str
    until_stopped: bool = Field(description=_("The limit is for putting a stop to it."))
    evidence: dict[str, int] = Field(description=_("Photos asked for at report, result and verify."))
    responsible: dict[str, str] = Field(description=_("Which duty answers at which level."))
    text_zh: str
    text_en: str
    closing_zh: str
    closing_en: str


class ItemWhole(ItemOut):
    """An item with its filing conditions."""

    id: int
    aliases: str
    conditions: list[ConditionOut]


class SuggestionOut(Out):
    """An agency that may answer for a matter at a place, best first."""

    agency: AgencyOut
    why: str
    level: str
    basis: str


class VersionOut(Out):
    """A version of the catalogue."""

    id: int
    number: int
    name: str
    state: str
    effective_from: datetime | None = Field(description=_("New cases are filed under it from then on."))
    packs: dict[str, str]


class RuleOut(Out):
    """One line of the responsibility list."""

    id: int
    area: Place
    kind: str
    class_code: str
    item_code: str
    chain: list[dict[str, str]] = Field(
        description=_("Tried in turn; each step names a duty (function) or an agency (code).")
    )
    starting_level: str


class RuleIn(In):
    """A line of the responsibility list; it replaces the one for the same matter on the same area."""

    area: str = Field(max_length=30, description=_("Code of an area."))
    kind: str = Field("", max_length=10, description=_("Empty: everything."))
    class_code: str = Field("", max_length=2, description=_("Empty: the whole kind."))
    item_code: str = Field("", max_length=4, description=_("Empty: the whole class."))
    chain: list[dict[str, str]] = Field(min_length=1, max_length=12)
    starting_level: str = Field("", max_length=10, description=_("Empty: as the catalogue says."))


class DraftIn(In):
    """A new draft, a copy of the newest version."""

    name: str = Field(max_length=80)


class ConditionIn(In):
    """What to change of a condition of a draft; what is left out stays."""

    text_zh: str | None = Field(None, max_length=200)
    text_en: str | None = Field(None, max_length=300)
    limit_kind: Literal["clock_hours", "work_hours", "work_days", "natural_days"] | None = None
    limit_amount: str | None = Field(None, max_length=10, pattern=r"^[0-9]+(\.[0-9]+)?$")
    until_stopped: bool | None = None
    emergency: bool | None = None
    closing_zh: str | None = Field(None, max_length=200)
    closing_en: str | None = Field(None, max_length=300)
    evidence: dict[str, int] | None = None
    responsible: dict[str, str] | None = None


class ItemIn(In):
    """What to change of an item of a draft; what is left out stays."""

    aliases: str | None = Field(None, max_length=200)
    solve_on_spot: bool | None = None
    direct_answer: bool | None = None
    public: bool | None = None
    sealed: bool | None = None

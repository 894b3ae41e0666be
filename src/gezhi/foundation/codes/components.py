"""Identity codes of city components, 16 digits as in use with GB/T 30428.2:
6 county + 2 class + 2 item + 6 sequence.
"""

from typing import NamedTuple

from gezhi.foundation.codes.areas import Level, parse_division
from gezhi.foundation.codes.errors import CodeError, digits


class ComponentCode(NamedTuple):
    county: str
    class_code: str
    item_code: str
    sequence: int

    @property
    def code(self) -> str:
        return f"{self.county}{self.class_code}{self.item_code}{self.sequence:06}"


def make_component_code(*, county: str, class_code: str, item_code: str, sequence: int) -> str:
    """The 16 digits of a component.

    Errors: those of divisions, component_digits, component_county, component_class, component_item,
    component_sequence.
    """
    digits(county, 6, "component")
    digits(class_code, 2, "component")
    digits(item_code, 2, "component")
    if parse_division(county).level not in (Level.CITY, Level.COUNTY):  # some cities have no counties
        raise CodeError("component_county", f"not a county: {county}")
    if class_code == "00":
        raise CodeError("component_class", "classes are numbered from 01")
    if item_code == "00":
        raise CodeError("component_item", "items are numbered from 01")
    if not 1 <= sequence <= 999_999:
        raise CodeError("component_sequence", f"components are numbered 1 to 999999, not {sequence}")
    return ComponentCode(county, class_code, item_code, sequence).code


def parse_component_code(text: str) -> ComponentCode:
    """Take a component code apart. Errors: those of `make_component_code`."""
    code = digits(text, 16, "component")
    found = ComponentCode(code[:6], code[6:8], code[8:10], int(code[10:]))
    make_component_code(**found._asdict())
    return found

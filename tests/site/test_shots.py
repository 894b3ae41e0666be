"""The pictures of the pages: what is listed fits together, and what cannot be pictured is told."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from gezhi.site.shot_pages import DOCS, PAGES, RESIDENT, Looker, Shot
from gezhi.site.shots import DOCS_BYTES, small, tasks


def nowhere(looker: Looker) -> str:
    raise LookupError("The demo holds no such case.")


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_every_picture_has_a_name_of_its_own_and_those_of_the_readme_are_listed() -> None:
    names = [shot.name for shot in PAGES]
    assert len(names) == len(set(names))
    assert {name for name, _phone in DOCS.values()} <= set(names)


def test_the_readmes_pictures_are_those_the_command_makes() -> None:
    folder = Path(__file__).parents[2] / "docs" / "pictures"
    assert {path.name for path in folder.iterdir()} == {f"{name}.webp" for name in DOCS}
    assert all(path.stat().st_size <= DOCS_BYTES for path in folder.iterdir())


def test_a_page_the_demo_has_nothing_for_is_told_and_the_others_are_pictured(db: None) -> None:
    wanted = [
        (Shot("gone", RESIDENT, nowhere), False, Path("gone.png")),
        (Shot("home", RESIDENT, "/"), True, Path("home-phone.png")),
    ]
    found, missing = tasks(wanted)
    assert [(task.address, task.phone) for task in found] == [("/", True)]
    assert missing == ["gone.png  The demo holds no such case."]


def test_a_picture_for_the_readme_is_made_small_or_refused() -> None:
    plain = small(png(Image.new("RGB", (1440, 900), "white")))
    assert Image.open(BytesIO(plain)).format == "WEBP"
    with pytest.raises(SystemExit, match="more than 150000 bytes"):
        small(png(Image.effect_noise((1440, 900), 90)))

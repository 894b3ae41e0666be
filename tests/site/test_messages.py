"""The catalogues of the interface: what is used is found, what is wrong is told."""

from pathlib import Path

import pytest
from babel.messages.mofile import read_mo

from gezhi.site import messages

FOLDER = Path("desk", "locale", "zh_Hans", "LC_MESSAGES")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source tree with one app, its catalogue still empty."""
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / "desk" / "templates").mkdir()
    (tmp_path / "desk" / "apps.py").touch()
    (tmp_path / "site").mkdir()
    return tmp_path


def catalogue(root: Path, entries: str) -> Path:
    path = root / FOLDER / "django.po"
    path.write_text(f"{messages.HEADER}\n{entries}")
    return path


def test_sentences_are_found_in_code_and_in_templates(desk: Path) -> None:
    (desk / "desk" / "views.py").write_text(
        "from django.utils.translation import gettext as _, pgettext_lazy as say\n"
        'a = _("Open" " cases")\n'
        'b = say("button", "Close")\n'
    )
    (desk / "desk" / "templates" / "page.html").write_text(
        '{% load i18n %}<p>\n    {% translate "Map" %} {{ _("List") }}</p>\n'
        "  {% blocktranslate count n=x trimmed %}\n One case {% plural %} {{ n }} cases\n{% endblocktranslate %}"
    )
    assert {(use.context, use.msgids) for use in messages.uses()} == {
        ("", ("Open cases",)),
        ("button", ("Close",)),
        ("", ("Map",)),
        ("", ("List",)),
        ("", ("One case", "%(n)s cases")),
    }


def test_a_sentence_without_chinese_is_told_with_its_place(desk: Path) -> None:
    (desk / "desk" / "views.py").write_text('_("Open")\n_("Close")\n')
    catalogue(desk, 'msgid "Open"\nmsgstr ""\n')
    assert messages.problems() == [
        "desk/locale/zh_Hans/LC_MESSAGES/django.po: “Open” has no Chinese",
        "desk/views.py:2: “Close” is in no catalogue",
    ]


def test_a_lost_placeholder_is_told(desk: Path) -> None:
    catalogue(desk, 'msgid "%(n)s cases of %(name)s"\nmsgstr "%(n)s 件"\n')
    assert [line.split(": ", 1)[1] for line in messages.problems()] == [
        "“%(n)s cases of %(name)s” has other placeholders than its Chinese “%(n)s 件”"
    ]


def test_two_wordings_of_one_sentence_are_told(desk: Path) -> None:
    catalogue(desk, 'msgid "Open"\nmsgstr "打开"\n')
    other = desk / "site" / messages.CATALOGUE
    other.parent.mkdir(parents=True)
    other.write_text(f'{messages.HEADER}\nmsgid "Open"\nmsgstr "未结"\n')
    assert [line.split("” ")[1] for line in messages.problems()] == [
        "is worded otherwise in desk/locale/zh_Hans/LC_MESSAGES/django.po"
    ]


def test_the_same_word_in_two_contexts_is_two_sentences(desk: Path) -> None:
    catalogue(
        desk,
        'msgctxt "verb"\nmsgid "Open"\nmsgstr "打开"\n\nmsgctxt "state"\nmsgid "Open"\nmsgstr "未结"\n',
    )
    assert messages.problems() == []


def test_adding_writes_each_missing_sentence_once_into_its_app(desk: Path) -> None:
    (desk / "desk" / "views.py").write_text(
        '_("Open")\n_("Open")\nngettext("%(n)s \\"case\\"", "%(n)s cases", n)\n'
    )
    assert messages.add_missing() == [desk / FOLDER / "django.po"]
    (catalog,) = messages.catalogues().values()
    assert [m.id for m in catalog if m.id] == ["Open", ('%(n)s "case"', "%(n)s cases")]
    assert messages.add_missing() == []


def test_compiling_writes_what_is_newer_and_nothing_else(desk: Path) -> None:
    catalogue(desk, 'msgid "Open"\nmsgstr "打开"\n')
    (compiled,) = messages.compile_catalogues()
    with compiled.open("rb") as file:
        assert read_mo(file)["Open"].string == "打开"  # type: ignore[union-attr]
    assert messages.compile_catalogues() == []

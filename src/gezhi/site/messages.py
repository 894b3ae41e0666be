"""The Chinese of the interface: compile the catalogues, and hold them complete.

    python -m gezhi.site.messages          compile every .po whose .mo is missing or older
    python -m gezhi.site.messages check    tell what is untranslated, contradictory or missing
    python -m gezhi.site.messages add      append what the code uses and no catalogue holds, to be translated

Every app keeps its own catalogue; Django merges them into one, so a sentence is looked for in all of
them. Babel does the work, and no gettext program is needed.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import normalize, read_po

SOURCE = Path(__file__).resolve().parents[1]
LOCALE = "zh_Hans"
CATALOGUE = Path("locale", LOCALE, "LC_MESSAGES", "django.po")
HEADER = """msgid ""
msgstr ""
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""
PLACEHOLDER = re.compile(r"%\(\w+\)|%[sd]|\{\w*\}")
# Django's names for gettext's functions that Babel does not know by itself.
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
ALIAS = re.compile(r"\b(\w*gettext\w*) as (\w+)")

Key = tuple[str, str]  # context, msgid


@dataclass(frozen=True)
class Use:
    """One sentence of the interface where the code or a template uses it."""

    file: Path
    line: int
    context: str
    msgids: tuple[str, ...]  # singular, and plural where there is one

    @property
    def key(self) -> Key:
        return self.context, self.msgids[0]


def catalogues() -> dict[Path, Catalog]:
    """Every catalogue of ours by its path."""
    found = {}
    for path in sorted(SOURCE.rglob(str(CATALOGUE))):
        with path.open("rb") as file:
            found[path] = read_po(file, locale=LOCALE, abort_invalid=True)
    return found


def compile_catalogues() -> list[Path]:
    """Write the .mo beside each .po that is newer than it; return the ones written."""
    written = []
    for path in sorted(SOURCE.rglob(str(CATALOGUE))):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime > path.stat().st_mtime:
            continue
        with path.open("rb") as file:
            catalog = read_po(file, locale=LOCALE, abort_invalid=True)
        fresh = target.with_suffix(f".{os.getpid()}")  # a running server never sees half a file
        with fresh.open("wb") as file:
            write_mo(file, catalog)
        fresh.replace(target)
        written.append(target)
    return written


def uses() -> Iterator[Use]:
    """Every translatable sentence in our Python files and templates."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _uses_in(path, path.read_text())
    from django.utils.translation.template import templatize

    for path in sorted(SOURCE.rglob("templates/**/*.*")):
        if path.suffix in {".html", ".txt", ".svg", ".xml"}:
            # What templatize leaves around the sentences is no Python, but tokenizes once it is not indented.
            source = templatize(path.read_text(), origin=str(path))
            yield from _uses_in(path, "\n".join(line.lstrip() for line in source.splitlines()))


def _uses_in(path: Path, source: str) -> Iterator[Use]:
    aliases = {alias: KEYWORDS[name] for name, alias in ALIAS.findall(source) if name in KEYWORDS}
    for line, found, _, context in extract(
        "python", io.BytesIO(source.encode()), keywords=KEYWORDS | aliases
    ):
        msgids = (found,) if isinstance(found, str) else tuple(text for text in found or () if text)
        if msgids and msgids[0]:
            yield Use(path, line, context or "", msgids)


def problems() -> list[str]:
    """What keeps the Chinese from being complete, one line each; empty when all is well."""
    found: list[str] = []
    known: dict[Key, tuple[Path, Message]] = {}
    for path, catalog in catalogues().items():
        for message in catalog:
            if not message.id:
                continue
            where = f"{path.relative_to(SOURCE)}: “{_first(message.id)}”"
            found += [f"{where} {fault}" for fault in _faults(message)]
            other, same = known.setdefault((message.context or "", _first(message.id)), (path, message))
            if message.string and same.string and same.string != message.string:
                found.append(f"{where} is worded otherwise in {other.relative_to(SOURCE)}")
    missing = {use.key: use for use in uses() if use.key not in known}
    found += [
        f"{use.file.relative_to(SOURCE)}:{use.line}: “{use.msgids[0]}” is in no catalogue"
        for use in missing.values()
    ]
    return found


def _first(msgid: str | list[str] | tuple[str, ...]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _faults(message: Message) -> Iterator[str]:
    wordings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if not wordings or not all(wordings):
        yield "has no Chinese"
        return
    if message.fuzzy:
        yield "is marked fuzzy: check the wording and remove the mark"
    last = message.id if isinstance(message.id, str) else message.id[-1]
    for wording in wordings:
        if set(PLACEHOLDER.findall(last)) != set(PLACEHOLDER.findall(wording)):
            yield f"has other placeholders than its Chinese “{wording}”"


def add_missing() -> list[Path]:
    """Append an empty entry to the app's own catalogue for each sentence no catalogue holds."""
    known = {(m.context or "", _first(m.id)) for catalog in catalogues().values() for m in catalog if m.id}
    touched = []
    for use in uses():
        if use.key in known:
            continue
        known.add(use.key)
        path = _app_of(use.file) / CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text() if path.exists() else HEADER
        path.write_text(f"{text.rstrip()}\n\n{_entry(use)}")
        touched.append(path)
    return sorted(set(touched))


def _app_of(file: Path) -> Path:
    """The app's folder a file belongs to; what lies in no app is translated by the site."""
    for folder in file.parents:
        if (folder / "apps.py").exists():
            return folder
    return SOURCE / "site"


def _entry(use: Use) -> str:
    lines = [f"msgctxt {normalize(use.context)}"] if use.context else []
    lines.append(f"msgid {normalize(use.msgids[0])}")
    if len(use.msgids) > 1:
        lines += [f"msgid_plural {normalize(use.msgids[1])}", 'msgstr[0] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """The command line of this module."""
    match arguments:
        case []:
            compile_catalogues()
        case ["check"]:
            found = problems()
            print("\n".join(found) or "The Chinese is complete.")
            return 1 if found else 0
        case ["add"]:
            for path in add_missing():
                print(path.relative_to(SOURCE))
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

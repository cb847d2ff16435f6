"""Checks the catalogues of texts against each other and against the code: ``python -m tools.texts [--write]``.

``--write`` brings the English catalogues into the order of the Vietnamese ones, with their comments; texts that are
still missing are left empty, and named. Exit code 1 where anything is wrong.
"""

import argparse
import io
import re
import string
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from texts import LANGUAGES, Language
from texts.catalogue import LOCALE, catalogue_files
from tools.text_families import families
from tools.text_uses import ROOT, Uses, uses_in

_HEADER = """\
# {title}
msgid ""
msgstr ""
"Project-Id-Version: khopso\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_DESCRIBED = re.compile(r"^\{(\w+)\}: \S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """One text of one language, with the comments for translators above it."""

    code: str
    text: str
    comments: tuple[str, ...] = ()
    fuzzy: bool = False

    @property
    def placeholders(self) -> frozenset[str]:
        """Return the names of what is filled in."""
        return placeholders(self.text)


Catalogues = Mapping[str, Mapping[Language, Sequence[Text]]]
"""File name (without suffix) → language → entries in their order."""


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces: ``{row}`` and ``{column}`` of "row {row}, {column}"."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def read_catalogues(locale: Path = LOCALE) -> Catalogues:
    """Return every entry of every catalogue file."""
    found: dict[str, dict[Language, Sequence[Text]]] = {}
    for language in LANGUAGES:
        for path in catalogue_files(language, locale):
            found.setdefault(path.stem, {})[language] = read_entries(path.read_text(encoding="utf-8"))
    return found


def read_entries(text: str) -> list[Text]:
    """Return the entries of one catalogue file; an id that stands twice is returned twice."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):  # the library would merge two entries of one id
        catalogue = read_po(io.StringIO(block))
        for entry in catalogue:
            if entry.id:
                comments = (*entry.user_comments, *entry.auto_comments)
                found.append(Text(str(entry.id), str(entry.string), comments, bool(entry.fuzzy)))
        found += [Text(str(code), "", (), True) for code in catalogue.obsolete]
    return found


def written(title: str, language: Language, entries: Sequence[Text]) -> str:
    """Return a catalogue file: one line a text, so that a change of a text is a change of its line."""
    catalogue = Catalog(locale=language)
    for entry in entries:
        catalogue.add(entry.code, entry.text, auto_comments=entry.comments)
    out = io.BytesIO()
    write_po(out, catalogue, width=0, omit_header=True)
    return _HEADER.format(title=title, language=language) + out.getvalue().decode().rstrip() + "\n"


def in_form(locale: Path = LOCALE) -> Iterator[tuple[Path, str]]:
    """Yield every catalogue file with the content it should have: the English ones in the order of the Vietnamese."""
    catalogues = read_catalogues(locale)
    for path in catalogue_files("vi", locale):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        entries = catalogues[path.stem]["vi"]
        known = {entry.code: entry.text for entry in catalogues[path.stem].get("en", ())}
        english = [Text(entry.code, known.get(entry.code, ""), entry.comments) for entry in entries]
        yield path, written(title, "vi", entries)
        yield locale / "en" / "LC_MESSAGES" / path.name, written(title, "en", english)


def misformed(locale: Path = LOCALE) -> Iterator[str]:
    """Yield the files that ``--write`` would change."""
    for path, content in in_form(locale):
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            yield f"{path.relative_to(locale)}: not as --write leaves it"


def problems(catalogues: Catalogues, uses: Uses) -> Iterator[str]:
    """Yield what is wrong, one line each; nothing where catalogues and code agree."""
    for name, languages in catalogues.items():
        yield from _same_entries(name, languages)
        for language, entries in languages.items():
            for entry in entries:
                yield from _one_entry(f"{language}/{name}.po: {entry.code}", entry)
    vietnamese = [entry for languages in catalogues.values() for entry in languages.get("vi", ())]
    english = {entry.code: entry for languages in catalogues.values() for entry in languages.get("en", ())}
    for code, count in Counter(entry.code for entry in vietnamese).items():
        if count > 1:
            yield f"{code}: stands in the catalogues {count} times"
    for entry in vietnamese:
        other = english.get(entry.code)
        if other is not None and entry.placeholders != other.placeholders:
            differing = ", ".join(sorted(entry.placeholders ^ other.placeholders))
            yield f"{entry.code}: placeholders differ between the languages: {differing}"
    yield from uses.problems({entry.code: entry.placeholders for entry in vietnamese})


def _same_entries(name: str, languages: Mapping[Language, Sequence[Text]]) -> Iterator[str]:
    vietnamese, english = ({text.code for text in languages.get(language, ())} for language in LANGUAGES)
    yield from (f"{name}.po: {code} is missing in English" for code in sorted(vietnamese - english))
    yield from (f"{name}.po: {code} is missing in Vietnamese" for code in sorted(english - vietnamese))


def _one_entry(place: str, entry: Text) -> Iterator[str]:
    if entry.fuzzy:
        yield f"{place}: fuzzy or obsolete"
    if not entry.text:
        yield f"{place}: has no text"
    if entry.text == entry.code:
        yield f"{place}: the text is its own id"
    described = set(_DESCRIBED.findall("\n".join(entry.comments)))
    for unknown in sorted(entry.placeholders - described):
        yield f"{place}: no comment says what {{{unknown}}} is"
    for unused in sorted(described - entry.placeholders):
        yield f"{place}: a comment describes {{{unused}}}, which the text does not have"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.texts", description=__doc__)
    parser.add_argument("--write", action="store_true", help="bring the English catalogues into shape first")
    if parser.parse_args(arguments).write:
        for path, content in in_form():
            path.write_text(content, encoding="utf-8")
    found = [*misformed(), *problems(read_catalogues(), uses_in(ROOT, families()))]
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

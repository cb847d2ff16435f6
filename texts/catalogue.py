"""The gettext catalogues of both languages: ``locale/<language>/LC_MESSAGES/*.po``, one file a subject.

Only these files are committed. Their compiled form lies beside them (``khopso.mo``) and carries a hash of what it was
made from: whoever starts first after a change compiles again, so that a stale form is never read. Reading the compiled
form takes a few milliseconds, parsing the catalogues anew a few hundred.
"""

import hashlib
import io
import os
from contextlib import suppress
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
_PROJECT = "project-id-version"


def catalogue_files(language: str, locale: Path = LOCALE) -> list[Path]:
    """Return the catalogue files of a language, by name."""
    return sorted((locale / language / "LC_MESSAGES").glob("*.po"))


@lru_cache(maxsize=2)
def translations(language: str) -> GNUTranslations:
    """Return the texts of a language, read once in a process."""
    return read_translations(language, LOCALE)


def read_translations(language: str, locale: Path) -> GNUTranslations:
    """Return the texts of a language from its compiled form, compiled first where that is missing or stale.

    Where the folder cannot be written (an installed package of another user), the texts are compiled in memory.
    """
    sources = [path.read_bytes() for path in catalogue_files(language, locale)]
    version = hashlib.sha256(b"\0".join(sources)).hexdigest()
    path = locale / language / "LC_MESSAGES" / "khopso.mo"
    with suppress(FileNotFoundError), path.open("rb") as compiled:
        found = GNUTranslations(compiled)
        if found.info().get(_PROJECT) == f"khopso {version}":
            return found
    content = _compiled(language, sources, version)
    with suppress(OSError):  # only the next start is slower for it
        _replace(path, content)
    return GNUTranslations(io.BytesIO(content))


def _compiled(language: str, sources: list[bytes], version: str) -> bytes:
    from babel.messages import Catalog  # loads slowly, and is needed after a change only
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale=language, project="khopso", version=version)
    for source in sources:
        for entry in read_po(io.BytesIO(source), locale=language):
            # A translation marked as fuzzy was guessed by a tool and has been read by nobody.
            if entry.id and not entry.fuzzy:
                whole.add(entry.id, entry.string)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    return compiled.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Write beside and rename, so that another process reads the old form or the new one."""
    beside = path.with_suffix(f".{os.getpid()}.mo")
    beside.write_bytes(content)
    beside.replace(path)

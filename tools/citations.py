"""Finds what docstrings, comments and pages cite and the project does not have: ``python -m tools.citations``.

Looked at are code spans (between backticks) and the targets of links. A span is held to be a citation when it looks like
one: a path (``docs/adr/``, ``figures.csv``), a command (``make lint``, ``khopso close``, ``python -m tools.generate``), an
option (``--known-at``) or a name (``Intake.hand_in``). Formulas, sentences and statements between backticks are left alone.

A path must be there from the root, from the page's own folder, or as the end of some file's path; a name must occur in code,
in a string of the code or in data. So a renamed file or function that a page still cites is found; a sentence that says
something untrue about a thing that exists is not.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import PurePosixPath
from posixpath import normpath

from tools.files import ROOT, tracked_texts

_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+)\1(?!`)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_WORD = re.compile(r"[^\W\d]\w*")
_PATH = re.compile(r"[\w.*<>{}…-]+(?:/[\w.*<>{}…-]+)*/?")
_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\([^)]*\))?")
_BARE_PAGE = re.compile(r"(?<![\w`/(.-])[\w-]+\.md\b(?!`)")
_SUFFIXES = frozenset(
    [
        ".py",
        ".md",
        ".csv",
        ".json",
        ".yml",
        ".yaml",
        ".toml",
        ".typ",
        ".po",
        ".mako",
        ".html",
        ".css",
        ".mjs",
        ".in",
        ".lock",
        ".xml",
        ".xsd",
        ".sql",
        ".ini",
    ]
)
_DATA = (".csv", ".json", ".yml", ".toml", ".po", ".xml", ".typ", ".mako", ".mjs", ".in", ".html")
_BETWEEN = frozenset({tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})
# Names of other people's programs and protocols, a Vietnamese word as it is spelt, and folders made at run time.
_FOREIGN = frozenset(
    {
        "CERTIFICATE_VERIFY_FAILED",
        "Describe",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_RESOURCE_ATTRIBUTES",
        "W/",
        "SameSite",
        "hoà",
        "logs/",
        "pg_dump",
        "promtool",
        "sockaddr_un",
    }
)
_PREFIX = "KHOPSO_"
# Machine-made, or a record of what was: nobody mends a past release's notes.
_SKIPPED = ("docs/forms/", "docs/figures.md", "CHANGELOG.md", "tests/tools/node_modules/")


@dataclass(frozen=True, slots=True)
class Citation:
    """A span or link (``link``) of a file, without its backticks."""

    path: str
    line: int
    text: str
    link: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Project:
    """What may be cited: the texts of the project's files by path."""

    texts: Mapping[str, str]
    folders: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        parents = {parent.as_posix() for path in self.texts for parent in PurePosixPath(path).parents}
        object.__setattr__(self, "folders", frozenset(parents - {"."}))

    @cached_property
    def words(self) -> frozenset[str]:
        """Return every name of the code, of modules and folders, and every word of the code's strings and of data."""
        found = {part for path in self.texts for part in PurePosixPath(path).with_suffix("").parts}
        for path, text in self.texts.items():
            if path.endswith(".py"):
                found.update(_WORD.findall(_prose_and_code(text)[1]))
            elif path.endswith(_DATA) or "." not in PurePosixPath(path).name:
                found.update(_WORD.findall(text))
        return frozenset(found)

    @cached_property
    def strings(self) -> frozenset[str]:
        """Return the strings of the code that look like the name of a file: what the project writes and reads elsewhere."""
        named = re.compile(r"[\w-]*(?:\.\w+)+")
        return frozenset(
            found
            for path, text in self.texts.items()
            if not path.endswith(".md")
            for found in named.findall(_prose_and_code(text)[1] if path.endswith(".py") else text)
        )

    def has_path(self, cited: str, page: str) -> bool:
        """Return whether a path is there from the root, from the page's folder, or as the end of some path."""
        wanted = re.sub(r"<[^>]*>|\{[^}]*\}|…", "*", cited).rstrip("/")
        near = normpath((PurePosixPath(page).parent / wanted).as_posix())
        there = (*self.texts, *self.folders)
        return any(
            fnmatch(path, wanted) or fnmatch(path, near) or fnmatch(path, f"*/{wanted}") for path in there
        )

    def has_name(self, cited: str) -> bool:
        """Return whether each part of a dotted name occurs in the code or in data, or it is a module that can be imported.

        A variable of the environment is there when some settings have a field of its name.
        """
        parts = cited.split(".")
        found = all(part in self.words for part in parts)
        return found or cited.removeprefix(_PREFIX).lower() in self.words or _importable(parts[0])

    def has_command(self, words: list[str]) -> bool:
        """Return whether ``make TARGET`` or ``python -m MODULE`` is there, and the first word behind ``khopso``."""
        match words:
            case ["make", target, *_] if target.islower():
                # A suite is a word of a list (`STACKS := failure …`), whose rule is written once for all of them.
                named = rf"(?m)^({re.escape(target)}:|[A-Z]+ := (.* )?{re.escape(target)}( |$))"
                return re.search(named, self.texts.get("Makefile", "")) is not None
            case [python, "-m", module, *_] if (
                python.endswith("python") and "<" not in module and module.islower()
            ):
                path = module.replace(".", "/")
                return (
                    f"{path}.py" in self.texts or f"{path}/__init__.py" in self.texts or _importable(module)
                )
            case ["khopso", command, *_] if _WORD.fullmatch(command) and command.islower():
                return command in self.words
        return True

    def has(self, citation: Citation) -> bool:
        """Return whether what is cited is there, as far as that can be told."""
        text = citation.text
        if text in _FOREIGN:
            return True
        if citation.link:
            return ":" in text.split("/", maxsplit=1)[0] or self.has_path(text, citation.path)
        if len(words := text.split()) > 1:
            return self.has_command(words)
        if option := re.fullmatch(r"--([a-z][a-z-]*)(=.*)?", text):
            # Who declares `--wait/--no-wait` has both; the second word stands nowhere by itself.
            name = option[1].removeprefix("no-")
            names = {option[1], name, option[1].replace("-", "_"), name.replace("-", "_")}
            return names & self.words != set() or text in self.strings
        if _PATH.fullmatch(text) and self.is_path(text):
            made = re.sub(r"^(<[^>]*>|[A-Z]+)(?=\.)", "", text)
            return self.has_path(text, citation.path) or made in self.strings or made in _SUFFIXES
        if (name := _NAME.fullmatch(text)) is not None:
            return self.has_name(name[1])
        return True

    def is_path(self, text: str) -> bool:
        """Return whether a text looks like a path of the project: a known suffix, a folder of ours, or a closing stroke."""
        path = PurePosixPath(text)
        below_root = "/" in text and path.parts[0] in self.folders
        return path.suffix in _SUFFIXES or below_root or text.endswith("/")


def citations(texts: Mapping[str, str]) -> Iterator[Citation]:
    """Yield every citation in the docstrings and comments of Python files and in Markdown pages."""
    for path, text in texts.items():
        if path.startswith(_SKIPPED):
            continue
        if path.endswith(".py"):
            for line, prose in _prose_and_code(text)[0]:
                yield from _spans(path, line, prose.split("\n"))
        elif path.endswith(".md"):
            lines = _without_blocks(text)
            yield from _spans(path, 1, lines)
            for number, shown in enumerate(lines, 1):
                yield from (Citation(path, number, target, link=True) for target in _LINK.findall(shown))


def dead(texts: Mapping[str, str]) -> list[Citation]:
    """Return the citations of things that are not there. Code outside the tests may cite files of tests, but no names."""
    whole = Project(texts)
    code = Project({path: text for path, text in texts.items() if not path.startswith("tests/")})
    return [
        citation
        for citation in citations(texts)
        if not whole.has(citation)
        or (_is_code(citation.path) and not whole.is_path(citation.text) and not code.has(citation))
    ]


def main() -> int:
    """Print the dead citations and return 1 where there are any."""
    found = dead(tracked_texts(ROOT))
    sys.stdout.writelines(f"{citation}\n" for citation in found)
    return 1 if found else 0


def _is_code(path: str) -> bool:
    return path.endswith(".py") and not path.startswith("tests/")


def _spans(path: str, first: int, lines: Iterable[str]) -> Iterator[Citation]:
    for number, line in enumerate(lines, first):
        yield from (Citation(path, number, text.strip()) for _, text in _SPAN.findall(line))
        yield from (Citation(path, number, page) for page in _BARE_PAGE.findall(line))


def _without_blocks(page: str) -> list[str]:
    """Return a page's lines, those of fenced blocks blanked."""
    lines, inside = [], False
    for line in page.split("\n"):
        fence = line.lstrip().startswith("```")
        lines.append("" if inside or fence else line)
        inside ^= fence
    return lines


@cache
def _prose_and_code(text: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """Return (first line, text) of every docstring and comment of a Python file, and all its other tokens, one a line."""
    prose: list[tuple[int, str]] = []
    code: list[str] = []
    alone = True  # nothing of a statement stands before the token: a string there is a docstring
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            prose.append((token.start[0], token.string))
        elif token.type == tokenize.STRING and alone and token.string.endswith(('"""', "'''")):
            prose.append((token.start[0], ast.literal_eval(token.string)))
        else:
            code.append(token.string)
            if token.type != tokenize.NL:
                alone = token.type in _BETWEEN
    return tuple(prose), "\n".join(code)


def _importable(module: str) -> bool:
    """Whether a module of the standard library or of an installed package has that name."""
    try:
        return module in sys.builtin_module_names or find_spec(module) is not None
    except (ImportError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(main())

"""How docstrings begin: with a verb, so that each says what its function does."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import Finding, Source

# Words that begin a noun phrase or a clause. A list of verbs would never be complete; this one is short and exact.
_NO_VERBS = frozenset(
    [
        "The",
        "A",
        "An",
        "Whether",
        "What",
        "Which",
        "Why",
        "How",
        "Every",
        "All",
        "Each",
        "Who",
        "Whose",
        "Where",
        "When",
        "Everything",
        "Something",
        "Nothing",
        "Those",
        "That",
        "This",
        "These",
        "Its",
        "Their",
        "There",
        "By",
        "For",
        "In",
        "On",
        "Of",
        "From",
        "At",
        "With",
        "As",
        "One",
        "None",
        "Both",
        "Several",
        "Names",
        "Numbers",
        "Rows",
    ]
)
# What is said of a route or a command is shown to its users: it comes from the catalogue of texts.
_SHOWN = re.compile(r"\.(get|post|put|patch|delete|command|callback)\b")


def docstrings_begin_with_a_verb(source: Source) -> Iterator[Finding]:
    """The first line of a public function's docstring says in the indicative what it does."""
    if source.parts[0] == "tests":
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        said = ast.get_docstring(node)
        if said is None or any(_SHOWN.search(ast.unparse(mark)) for mark in node.decorator_list):
            continue
        first = re.match(r"[A-Za-z]+", said)
        if first is not None and first[0] in _NO_VERBS:
            yield node.lineno, f"the docstring of {node.name} begins with {first[0]!r}"

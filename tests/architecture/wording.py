"""What users read stands in the catalogue of texts: the rules that find it elsewhere.

Where Vietnamese may stand in code is said module by module: forms and reference data, which are data, templates of
printed documents, which are whole pages of one language, and invented data.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from tests.architecture.source import Finding, Source, dotted

_TEMPLATES = "a template of printed documents"
_REFERENCE = "reference data: codes and units with their names"
_FORM = "a form: headings and codes as people write them"
_INVENTED = "invented data"
_PAGES = "a template of generated pages"
VIETNAMESE_IN: Mapping[str, str] = {
    "contracts/forms": _FORM,
    "tablecheck/reading.py": _FORM,
    "tablecheck/bases.py": _FORM,
    "reference/codes.py": _REFERENCE,
    "reference/legacy_text.py": "the letters of the alphabet and their places in old encodings",
    "reference/measures.py": _REFERENCE,
    "reference/period_names.py": _REFERENCE,
    "registerfiles/layout.py": "words of printed registers, by which their lines are known",
    "demo": _INVENTED,
    "contracts/forms/examples.py": _INVENTED,
    "services/reporting/figures/shapes.py": _INVENTED,
    "services/reporting/documents/catalogue.py": _TEMPLATES,
    "services/reporting/documents/closed.py": _TEMPLATES,
    "services/reporting/documents/compose.py": _TEMPLATES,
    "services/reporting/documents/grids.py": _TEMPLATES,
    "services/reporting/documents/layout.py": _TEMPLATES,
    "services/reporting/documents/plain.py": _TEMPLATES,
    "services/reporting/documents/reconciled.py": _TEMPLATES,
    "services/reporting/documents/reference.py": _TEMPLATES,
    "services/reporting/documents/render_docx.py": _TEMPLATES,
    "services/reporting/documents/render_xlsx.py": _TEMPLATES,
    "services/reporting/documents/requests.py": _TEMPLATES,
    "services/reporting/documents/sections_drugs.py": _TEMPLATES,
    "services/reporting/documents/sections_health.py": _TEMPLATES,
    "services/reporting/documents/sections_incidents.py": _TEMPLATES,
    "services/reporting/documents/sheet.py": _TEMPLATES,
    "services/reporting/documents/tables.py": _TEMPLATES,
    "services/reporting/documents/vietnamese.py": _TEMPLATES,
    "tools/citations.py": "words that docstrings quote",
    "tools/generators/asyncapi.py": _PAGES,
    "tools/generators/reference.py": _PAGES,
}
"""Module or package → what it is that it may hold Vietnamese."""
_LETTERS = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_VIETNAMESE = re.compile(f"[{_LETTERS}{_LETTERS.upper()}]")
_WORD = re.compile(r"[^\W\d_]{2,}")
# A Vietnamese term behind an English one glosses it: "in detox (cai nghiện)" documents a statement.
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_SENTENCE = re.compile(r"[^\W\d_]{2,},? [^\W\d_]{2,}")
# Calls whose texts people read, by the last names of the call.
_SPEAKING = frozenset(
    {
        "console.line",
        "console.note",
        "console.table",
        "console.progress",
        "typer.Argument",
        "typer.Option",
        "typer.Typer",
        "Query",
        "HTTPBearer",
        "Message",
        "Problem",
        "Fault",
        "FailureError",
        "ContentError",
        "StackFailedError",
    }
)
_KEYS = frozenset({"description", "summary", "help"})


def no_vietnamese_outside_the_catalogue(source: Source) -> Iterator[Finding]:
    """Vietnamese stands in the catalogue, in forms, reference data and document templates."""
    if source.parts[0] == "tests" or _may_hold_vietnamese(source.path):
        return
    yield from vietnamese_in(source)


def vietnamese_in(source: Source) -> Iterator[Finding]:
    """Every literal of a file with Vietnamese in it, but for what documents the code."""
    docstrings = set(source.docstrings())
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            text = _IN_BRACKETS.sub("", node.value)
            if _VIETNAMESE.search(text) and _WORD.search(text):
                yield node.lineno, f"{node.value[:60]!r} belongs into the catalogue of texts"


def no_english_sentences_outside_the_catalogue(source: Source) -> Iterator[Finding]:
    """What is printed, answered, or described in help and OpenAPI is an entry of the catalogue."""
    if source.parts[0] not in ("services", "khopso", "deploy", "tablecheck", "registerfiles", "typesetting"):
        return
    for node in ast.walk(source.tree):
        for text in _read_by_people(node):
            if _SENTENCE.search(str(text.value)):
                yield text.lineno, f"{str(text.value)[:60]!r} belongs into the catalogue of texts"


def _read_by_people(node: ast.AST) -> Iterator[ast.Constant]:
    """The literals of a node that people read."""
    if isinstance(node, ast.Call) and _speaks(node):
        for given in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg not in _KEYS)):
            yield from _literals(given)
    elif isinstance(node, ast.keyword) and node.arg in _KEYS:
        yield from _literals(node.value)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in _KEYS:
                yield from _literals(value)


def _speaks(call: ast.Call) -> bool:
    names = dotted(call.func).split(".")
    return names[-1] in _SPEAKING or ".".join(names[-2:]) in _SPEAKING


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Texts of an expression, not those inside another call: what that makes of them is its own affair."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif not isinstance(node, ast.Call | ast.Lambda | ast.Compare | ast.Subscript):
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)


def _may_hold_vietnamese(path: str) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in VIETNAMESE_IN)

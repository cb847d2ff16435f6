"""The rule about private attributes: a name with an underscore belongs to the module that defines it."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Source

# Named tuples have these as public methods; the underscore keeps them apart from fields (library reference).
_NAMED_TUPLE = frozenset({"_asdict", "_fields", "_make", "_replace"})
# python-docx shows the XML below its objects under these names alone, as its documentation says.
_SHOWN = {"services/reporting/documents/render_docx.py": frozenset({"_p", "_r", "_sectPr", "_tr"})}


def private_attributes_stay_at_home(source: Source) -> Iterator[tuple[int, str]]:
    """No ``thing._x`` of a library or of another module: an upgrade may take it away without a word.

    Tests are exempt. So is ``self._x``, which a base class may define.
    """
    if source.parts[0] == "tests":
        return
    allowed = _defined(source.tree) | _NAMED_TUPLE | _SHOWN.get(source.path, frozenset())
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Attribute) or not _is_private(node.attr) or node.attr in allowed:
            continue
        if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
            yield node.lineno, f"{ast.unparse(node)} is private to somebody else"


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _defined(tree: ast.Module) -> frozenset[str]:
    """Return the names that a module gives to functions, classes, variables and attributes of its own objects."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name for alias in aliases)
    return frozenset(names)

"""Python files as the architecture rules see them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tools.files import ROOT

PACKAGES = (
    "contracts",
    "provinces",
    "reference",
    "proof",
    "texts",
    "typesetting",
    "tablecheck",
    "registerfiles",
    "services",
    "deploy",
    "demo",
    "khopso",
    "tools",
    "tests",
)
Finding = tuple[int, str]
"""The line that breaks a rule, and why."""
SHARED = ("chassis", "linkage", "registers", "matching", "marks")
"""Below ``services``, but no service: what all of them stand on."""


@dataclass(frozen=True)
class Source:
    """One file: its path below the project, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module = field(repr=False)

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        """A file with this text."""
        return cls(path, text, ast.parse(text))

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's folders and the file's name without suffix."""
        return Path(self.path).with_suffix("").parts

    @property
    def service(self) -> str | None:
        """The service that the file belongs to, None for what services share and all else."""
        top, *below = self.parts
        return below[0] if top == "services" and len(below) > 1 and below[0] not in SHARED else None

    def imports(self) -> Iterator[tuple[int, str]]:
        """Every imported module, with its line; what comes `from` a package also as a module of it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, "." * node.level + (node.module or "")
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def docstrings(self) -> Iterator[ast.Constant]:
        """Return what documents the code: a string on its own, that is no value of anything."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                for statement in node.body:
                    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                        yield statement.value

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with its dotted name, as far as it has one."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, dotted(node.func)


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of an attribute chain; calls and subscripts inside it count as "()"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "()"


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every Python file of the project."""
    return tuple(
        Source.of(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
    )


@lru_cache(maxsize=64)
def modules_not_offered(door: str) -> frozenset[str]:
    """Return the modules of a package that its ``__init__`` does not export."""
    folder = ROOT.joinpath(*door.split("."))
    if not folder.is_dir():
        return frozenset()
    offered = {
        name.value
        for node in ast.walk(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and any(dotted(target) == "__all__" for target in node.targets)
        for name in ast.walk(node.value)
        if isinstance(name, ast.Constant)
    }
    found = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    return frozenset(found - offered)

"""Code with marks: an assignment before each statement and at both ends of each branch."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

Branch = tuple[int, int]
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True)
class Passed:
    """What marks prove once they are set: lines that ran, and branches that were taken and that were not.

    A branch is its line and the one to which it leads where it is taken: the first of what it guards.
    """

    lines: tuple[int, ...] = ()
    taken: tuple[Branch, ...] = ()
    not_taken: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Marked:
    """A module's code; what each of its marks proves; and the marks, which the code sets to true."""

    code: CodeType
    meaning: Sequence[Passed]
    marks: list[bool]

    def passed(self) -> Passed:
        """Return everything that the marks prove until now."""
        found = [meaning for meaning, is_set in zip(self.meaning, self.marks, strict=True) if is_set]
        return Passed(
            tuple(sorted({line for one in found for line in one.lines})),
            tuple(sorted({branch for one in found for branch in one.taken})),
            tuple(sorted({branch for one in found for branch in one.not_taken})),
        )


def marked(source: bytes | str, path: str, name: str) -> Marked:
    """Return the module with marks, which it looks for under the name, as for a global.

    It does what the module without marks does: no line has another number and no name is new in it.

    >>> module = marked("if given:\\n    found = 1\\nelse:\\n    found = 2\\n", "module.py", "marks")
    >>> exec(module.code, {"marks": module.marks, "given": False})
    >>> module.passed()
    Passed(lines=(1, 4), taken=(), not_taken=((1, 2),))
    """
    tree = ast.parse(source, path)
    marker = _Marker(name)
    tree.body = marker.body(tree)
    code = compile(tree, path, "exec", dont_inherit=True)
    return Marked(code, marker.meaning, [False] * len(marker.meaning))


@dataclass
class _Marker:
    name: str
    meaning: list[Passed] = field(default_factory=list)

    def body(
        self, node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> list[ast.stmt]:
        """Return the body with marks behind what must stand first: a docstring, imports of the future."""
        first = 0 if ast.get_docstring(node, clean=False) is None else 1
        while first < len(node.body) and _is_of_the_future(node.body[first]):
            first += 1
        lines = tuple(statement.lineno for statement in node.body[:first])
        return node.body[:first] + self._block(node.body[first:], node, Passed(lines))

    def _block(self, body: list[ast.stmt], place: ast.AST, entered: Passed) -> list[ast.stmt]:
        """Return the statements, each behind a mark; the first mark proves as well that the block was entered."""
        if not body:
            return [self._mark(place, entered)]
        found: list[ast.stmt] = []
        for statement in body:
            lines = (*entered.lines, *_lines(statement))
            found += [self._mark(statement, Passed(lines, entered.taken, entered.not_taken)), statement]
            self._inside(statement)
            entered = Passed()
        return found

    def _inside(self, node: ast.stmt) -> None:
        if isinstance(node, _NAMED):
            node.body = self.body(node)
        elif isinstance(node, _BRANCHES):
            branch = (node.lineno, _lines(node.body[0])[0])
            node.body = self._block(node.body, node, Passed(taken=(branch,)))
            node.orelse = self._block(node.orelse, node, Passed(not_taken=(branch,)))
        elif isinstance(node, ast.With | ast.AsyncWith):
            node.body = self._block(node.body, node, Passed())
        elif isinstance(node, ast.Try | ast.TryStar):
            self._inside_try(node)
        elif isinstance(node, ast.Match):
            self._inside_match(node)

    def _inside_try(self, node: ast.Try | ast.TryStar) -> None:
        """An exception that no handler is for is not seen to pass them: their lines need another test."""
        node.body = self._block(node.body, node, Passed())
        asked: tuple[int, ...] = ()
        for handler in node.handlers:
            asked = (*asked, handler.lineno)
            handler.body = self._block(handler.body, handler, Passed(asked))
        node.orelse = node.orelse and self._block(node.orelse, node, Passed())
        node.finalbody = node.finalbody and self._block(node.finalbody, node, Passed())

    def _inside_match(self, node: ast.Match) -> None:
        """Each case is a branch; those before the one that fits are not taken."""
        asked = Passed()
        for case in node.cases:
            branch = (case.pattern.lineno, _lines(case.body[0])[0])
            lines = (*asked.lines, case.pattern.lineno)
            case.body = self._block(case.body, case.pattern, Passed(lines, (branch,), asked.not_taken))
            asked = Passed(lines, (), (*asked.not_taken, branch))
        last = node.cases[-1]
        if not (
            isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None
        ):
            none = ast.copy_location(ast.MatchAs(), node)
            node.cases.append(ast.match_case(none, None, [self._mark(node, asked)]))

    def _mark(self, place: ast.AST, meaning: Passed) -> ast.stmt:
        """Return ``name[number] = True`` at the place, so that a traceback shows the line it would show without."""
        words = ("lineno", "col_offset", "end_lineno", "end_col_offset")
        at: dict[str, Any] = {word: getattr(place, word, 1) for word in words}
        number = len(self.meaning)
        self.meaning.append(meaning)
        marks = ast.Name(self.name, ast.Load(), **at)
        one = ast.Subscript(marks, ast.Constant(number, **at), ast.Store(), **at)
        return ast.Assign([one], ast.Constant(True, **at), **at)


def _is_of_the_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _lines(statement: ast.stmt) -> tuple[int, ...]:
    """Return the lines that run when the statement begins: its own, and those of its decorators."""
    decorators = statement.decorator_list if isinstance(statement, _NAMED) else []
    return (*(decorator.lineno for decorator in decorators), statement.lineno)

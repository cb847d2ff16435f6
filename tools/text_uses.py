"""Where the code uses texts: message ids as they stand in calls, and the values that are given for placeholders."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.text_templates import said_in

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "contracts",
    "reference",
    "proof",
    "tablecheck",
    "registerfiles",
    "typesetting",
    "services",
    "deploy",
    "demo",
    "khopso",
    "tools",
)


@dataclass(frozen=True, slots=True)
class Sayer:
    """A function or class that takes a message id: at which place, and what of its other arguments fills it in.

    ``own`` are keywords that fill nothing in, ``given`` values that the function itself adds, and ``parts`` the place
    of a mapping with the values. ``prefix`` is put before the id.
    """

    at: int
    own: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    parts: int | None = None
    prefix: str = ""
    exact: bool = True


def _own(*names: str) -> frozenset[str]:
    return frozenset(names)


SAYERS: Mapping[str, Sayer] = {
    "message": Sayer(0),
    "spoken": Sayer(0),
    "help_of": Sayer(0),
    "heading": Sayer(0),
    "said": Sayer(0, prefix="worklist."),
    "explain": Sayer(0),
    "documented": Sayer(0),
    "Fault.of": Sayer(2),
    "row.fault": Sayer(1, given=_own("column")),
    "fault": Sayer(1),
    "_fault": Sayer(3),
    "_header_fault": Sayer(0),
    "Problem": Sayer(1, own=_own("faults", "headers")),
    "Problem.forbidden": Sayer(0),
    "Problem.not_found": Sayer(0),
    "FailureError": Sayer(1, own=_own("details")),
    "ContentError": Sayer(0),
    "CellError": Sayer(0, given=_own("column")),
    "NotAuthenticatedError": Sayer(0),
    "UnitRefusedError": Sayer(0),
    "Finding": Sayer(0, parts=1, exact=False),
    "Broken": Sayer(0, given=_own("service", "chain", "seq")),
    "Reason": Sayer(0, own=_own("row", "parts"), parts=1, prefix="match.", exact=False),
    "Entry": Sayer(1, own=_own("member", "cause", "outside", "area"), parts=2, exact=False),
}
"""The last names of a call, as ``Fault.of`` or ``message`` → how it takes its id."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place that names a message id, with the values that it gives (None where that cannot be read off)."""

    place: str
    code: str
    values: frozenset[str] | None
    given: frozenset[str] = frozenset()
    exact: bool = True


@dataclass(slots=True)
class Uses:
    """Everything that the code says of message ids.

    ``literals`` are all strings of the code, ``shapes`` all f-strings; ``families`` are the declared shapes with their
    ids, and ``given`` the values that any call with such an f-string fills in.
    """

    named: list[Use] = field(default_factory=list)
    literals: set[str] = field(default_factory=set)
    shapes: set[str] = field(default_factory=set)
    given: dict[str, frozenset[str] | None] = field(default_factory=dict)
    undeclared: list[tuple[str, str]] = field(default_factory=list)
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def problems(self, texts: Mapping[str, frozenset[str]]) -> Iterator[str]:
        """Yield ids that are not in the catalogue, texts that nobody uses, values that do not fit."""
        for use in self.named:
            if use.code not in texts:
                yield f"{use.place}: no text has the id {use.code}"
            else:
                yield from _unfit(use, texts[use.code])
        for place, shape in self.undeclared:
            yield f"{place}: {shape} is not declared in tools/text_families.py"
        for shape, codes in self.families.items():
            if shape not in self.shapes:
                yield f"tools/text_families.py: no code puts {shape} together"
            yield from (
                f"tools/text_families.py: no text has the id {code}" for code in sorted(codes - texts.keys())
            )
        for shape, values in self.given.items():
            for code in sorted(self.families[shape] & texts.keys()):
                yield from _unfit(Use(f'f"{shape}"', code, values, exact=False), texts[code])
        used = {use.code for use in self.named}.union(*self.families.values())
        for code in texts.keys() - used:
            # A single word may well be something else than a message id.
            if code not in self.literals or not {"_", "."}.intersection(code):
                yield f"{code}: nobody uses this text"


def _unfit(use: Use, wanted: frozenset[str]) -> Iterator[str]:
    if use.values is None:
        return
    missing = wanted - use.values - use.given
    more = use.values - wanted if use.exact else frozenset()
    if missing:
        yield f"{use.place}: {use.code} is not given {', '.join(sorted(missing))}"
    if more:
        yield f"{use.place}: the text of {use.code} has no place for {', '.join(sorted(more))}"


def uses_in(root: Path, known: Mapping[str, frozenset[str]]) -> Uses:
    """Return what the packages below a folder say of message ids."""
    found = Uses(families=known)
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "node_modules" not in path.parts and path.name != "text_families.py":
                read_source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"), found)
        for path in sorted((root / package).rglob("templates/**/*.html")):
            read_template(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"), found)
    return found


def read_template(path: str, text: str, found: Uses) -> None:
    """Add what one template of pages says of message ids."""
    for said in said_in(text):
        place = f"{path}:{said.line}"
        if said.whole:
            found.named.append(Use(place, said.code, said.values, exact=said.exact))
        else:
            _put_together(place, said.code, said.values, found)


def _put_together(place: str, shape: str, values: frozenset[str] | None, found: Uses) -> None:
    """Add an id that is put together in a shape, which must be declared."""
    found.shapes.add(shape)
    if shape not in found.families:
        found.undeclared.append((place, shape))
        return
    before = found.given.get(shape, frozenset())
    found.given[shape] = None if before is None or values is None else before | values


def read_source(path: str, text: str, found: Uses) -> None:
    """Add what one file says of message ids."""
    tree = ast.parse(text)
    documentation = {id(node) for node in _documentation(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            found.literals.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            found.shapes.add(_shape(node))
        elif isinstance(node, ast.arguments):
            found.named += _defaults(path, node)
    for function in [tree, *(node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS))]:
        for call in _own_calls(function):
            _read_call(path, call, function, found)


def _defaults(path: str, arguments: ast.arguments) -> Iterator[Use]:
    """Ids that a parameter named ``rule`` has where nothing is given."""
    positional = [*arguments.posonlyargs, *arguments.args]
    for name, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if name.arg == "rule" and isinstance(default, ast.Constant) and isinstance(default.value, str):
            yield Use(f"{path}:{default.lineno}", default.value, None)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _read_call(path: str, call: ast.Call, function: ast.AST, found: Uses) -> None:
    sayer = _sayer(call)
    if sayer is None or len(call.args) <= sayer.at:
        return
    place = f"{path}:{call.lineno}"
    values = _values(call, sayer)
    for node in _meanings(call.args[sayer.at], function):
        # What is neither is handed on: whoever hands it in is read. One call for several ids gives what any of them needs.
        exact = sayer.exact and isinstance(call.args[sayer.at], ast.Constant)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.named.append(Use(place, sayer.prefix + node.value, values, sayer.given, exact))
        elif isinstance(node, ast.BinOp):
            found.undeclared.append((place, ast.unparse(node)))
        elif isinstance(node, ast.JoinedStr):
            given = None if values is None else values | sayer.given
            _put_together(place, sayer.prefix + _shape(node), given, found)


def _sayer(call: ast.Call) -> Sayer | None:
    names = ast.unparse(call.func).split(".")
    return SAYERS.get(".".join(names[-2:])) or (SAYERS.get(names[-1]) if len(names) == 1 else None)


def _values(call: ast.Call, sayer: Sayer) -> frozenset[str] | None:
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    if sayer.parts is None:
        return frozenset(str(keyword.arg) for keyword in call.keywords) - sayer.own
    if len(call.args) <= sayer.parts:
        return frozenset()
    given = call.args[sayer.parts]
    if not isinstance(given, ast.Dict) or any(not isinstance(key, ast.Constant) for key in given.keys):
        return None
    return frozenset(str(key.value) for key in given.keys if isinstance(key, ast.Constant))


def _meanings(node: ast.expr, function: ast.AST, seen: Collection[str] = ()) -> Iterator[ast.expr]:
    """What an expression can stand for: both sides of a condition, and what a name of the function was set to."""
    if isinstance(node, ast.IfExp):
        yield from _meanings(node.body, function, seen)
        yield from _meanings(node.orelse, function, seen)
    elif isinstance(node, ast.Name) and node.id not in seen:
        for one in ast.walk(function):
            if isinstance(one, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == node.id for target in one.targets
            ):
                yield from _meanings(one.value, function, (*seen, node.id))
    else:
        yield node


def _shape(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _own_calls(function: ast.AST) -> Iterator[ast.Call]:
    """Calls of a function (or of a module outside its functions), without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, _FUNCTIONS):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _own_calls(child)


def _documentation(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    yield statement.value

"""How templates of pages name texts: their calls ``t("…", name=value)``."""

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, nodes

_PARSER = Environment(autoescape=True)


@dataclass(frozen=True, slots=True)
class Said:
    """One id that a call names: as it stands there, or the shape that it is put together in (``page.kind.{}``).

    ``values`` are the names of what the call fills in, None where that cannot be read off.
    """

    line: int
    code: str
    whole: bool
    values: frozenset[str] | None
    exact: bool


def said_in(template: str) -> Iterator[Said]:
    """Yield every id that a template names; both of a condition."""
    for call in _PARSER.parse(template).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args:
            values = None if call.dyn_kwargs is not None else frozenset(each.key for each in call.kwargs)
            for node in _meanings(call.args[0]):
                whole = isinstance(node, nodes.Const)
                yield Said(call.lineno, _shape(node), whole, values, whole and node is call.args[0])


def _meanings(node: nodes.Expr) -> Iterator[nodes.Expr]:
    if isinstance(node, nodes.CondExpr) and node.expr2 is not None:
        yield from _meanings(node.expr1)
        yield from _meanings(node.expr2)
    else:
        yield node


def _shape(node: nodes.Expr) -> str:
    if isinstance(node, nodes.Concat):
        return "".join(_shape(part) for part in node.nodes)
    return str(node.value) if isinstance(node, nodes.Const) else "{}"

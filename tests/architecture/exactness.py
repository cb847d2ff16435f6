"""Exact values are read by named modules alone, each with its reason; everything else asks the query service.

Readers' questions go to ``figures.QueryService``, which decides between exact and released numbers. Whoever counts
past it must import the exact evaluators (``figures.exact``), open a generation's tables (``facts.use_generation``) or take
the connection of a ``Reading`` (``unprotected``): each of these is a finding here, unless the module is listed below.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tests.architecture.source import Source, dotted
from tools.files import ROOT

FIGURES = "services.reporting.figures"
FACTS = "services.reporting.facts"
DISCLOSURE = "services.reporting.disclosure"
COMPOSITION_ROOT = "services.reporting.app"
_CHECKS = (
    "the arithmetic of a check, run on a connection that only its parties get (QueryService.read_compared)"
)
_RECONCILIATION = (
    "the arithmetic of a reconciliation, run on a connection that Reading.exact or read_exact has given"
)
_CLOSING = "a closing is exact and signed as a whole; its readers pass ordering.check_reader, who closes check_official"
READERS: Mapping[str, str] = {
    "services.reporting.disclosure.usecases": "makes the releases out of the exact numbers, which it hides itself",
    "services.reporting.disclosure.answers": "reads the part of a ratio that counts nobody, as of the release's knowledge",
    "services.reporting.checks.balance": _CHECKS,
    "services.reporting.checks.flows": _CHECKS,
    "services.reporting.checks.restated": _CHECKS,
    "services.reporting.checks.usecases": _CHECKS,
    "services.reporting.reconciliation.causes": _RECONCILIATION,
    "services.reporting.reconciliation.coincidences": _RECONCILIATION,
    "services.reporting.reconciliation.overview": _RECONCILIATION,
    "services.reporting.reconciliation.parts": _RECONCILIATION,
    "services.reporting.reconciliation.decomposition": _RECONCILIATION,
    "services.reporting.reconciliation.usecases": "lists what was declared: numbers that agencies say, not figures",
    "services.reporting.ledger.usecases": "lists who has handed in; `may` decides for each unit who sees that, and how many records",
    "services.reporting.ledger.completeness": "says whether registers are declared, beside figures that the reader sees exactly",
    "services.reporting.ledger.reminding": "tells each unit of its own registers: which are due, no figure",
    "services.reporting.closing.attribution": _CLOSING,
    "services.reporting.closing.queries": _CLOSING,
    "services.reporting.closing.revising": _CLOSING,
    "services.reporting.closing.usecases": _CLOSING,
    "services.reporting.dissemination.observing": "asks how late the log was folded: an instant, no figure",
}
"""Module → why it may read exact values without asking for each of them."""


def exact_values_have_named_readers(source: Source) -> Iterator[tuple[int, str]]:
    """Nobody counts past the query service by accident, and nobody but it asks the disclosure control."""
    here = ".".join(part for part in source.parts if part != "__init__")
    if not here.startswith("services.reporting") or f"{here}.".startswith(f"{FIGURES}."):
        return
    if here != COMPOSITION_ROOT and not f"{here}.".startswith(f"{DISCLOSURE}."):
        for line, module in source.imports():
            if f"{module}.".startswith(f"{DISCLOSURE}."):
                yield line, f"{module}: only the query service decides who sees exact numbers"
    if here not in READERS:
        yield from exact_reads(source)


def exact_reads(source: Source) -> Iterator[tuple[int, str]]:
    """Yield every line that takes exact values, or what they can be read with, past the query service."""
    mounting = source.parts[2:] == ("app",)
    inside = _inside() - (_MOUNTED if mounting else frozenset())
    for line, module in source.imports():
        if module.partition(f"{FIGURES}.")[2].split(".")[0] in inside:
            yield line, f"{module} is behind the door of figures"
        if module == f"{FACTS}.use_generation" and source.parts[2:3] != ("facts",):
            yield line, f"{module} opens the tables of figures"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if node.attr == "unprotected" or any(f"figures.{module}." in f"{name}." for module in inside):
                yield node.lineno, f"{name} gives exact values"


_MOUNTED = frozenset({"http", "query_service", "aggregates"})
"""What the composition root alone takes from behind the door: routes, the service itself, background work."""


@lru_cache(maxsize=1)
def _inside() -> frozenset[str]:
    """The modules of figures: each of them could be taken from the package as if it were a name of its door."""
    folder = ROOT.joinpath(*FIGURES.split("."))
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    return frozenset(modules | {path.parent.name for path in folder.glob("*/__init__.py")})

"""The architecture's rules over syntax trees. Each yields the lines that break it, and why."""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping

from tests.architecture.digits import numbers_are_read_with_ascii_digits
from tests.architecture.docstrings import docstrings_begin_with_a_verb
from tests.architecture.exactness import exact_values_have_named_readers
from tests.architecture.history import migrations_import_no_project_code
from tests.architecture.privacy import private_attributes_stay_at_home
from tests.architecture.province import no_province_outside_its_pack
from tests.architecture.source import SHARED, Finding, Source, dotted, modules_not_offered
from tests.architecture.wording import (
    no_english_sentences_outside_the_catalogue,
    no_vietnamese_outside_the_catalogue,
)

Rule = Callable[[Source], Iterator[Finding]]

LINE_LIMIT = 400
_CLOCKS = re.compile(
    r"^((datetime\.)?(datetime|date)\.(now|today|utcnow)|time\.(time|time_ns|monotonic|perf_counter)|uuid\.uuid[147]|"
    r"uuid[147])$"
)
# Layers from the outside in; a file may import its own layer and those further in, never further out.
LAYERS = {
    "__main__": 5,
    "app": 4,
    "http": 3,
    "consumers": 3,
    "usecases": 2,
    "messages": 1,
    "queries": 1,
    "repository": 1,
    "tables": 1,
    "domain": 0,
    "projections": 0,
}
# Where each way to make an instant takes its zone: by keyword, or behind so many arguments; never for the last two.
_ZONES: Mapping[str, tuple[str, int]] = {
    "datetime": ("tzinfo", 7),
    "datetime.datetime": ("tzinfo", 7),
    "datetime.now": ("tz", 0),
    "datetime.fromtimestamp": ("tz", 1),
    "datetime.combine": ("tzinfo", 2),
    "datetime.utcnow": ("", 99),
    "datetime.utcfromtimestamp": ("", 99),
}
# Words that only services may know: the chassis serves any of them.
BUSINESS = frozenset(
    {
        "addict",
        "addicts",
        "addicted",
        "methadone",
        "detox",
        "psychosis",
        "clinician",
        "clinicians",
        "dose",
        "doses",
    }
    | {
        "arrest",
        "arrests",
        "fires",
        "drug",
        "drugs",
        "determination",
        "determinations",
        "slip",
        "slips",
        "heroin",
    }
)


PURE = ("contracts", "reference", "proof", "texts", "tablecheck", "registerfiles", "typesetting")
"""Packages at the ground: no clock, no connection, no environment."""


def no_commit_outside_the_chassis(source: Source) -> Iterator[Finding]:
    """The unit of work commits, once, at the edge."""
    if source.parts[0] in ("services", "khopso", *PURE) and source.parts[:2] != ("services", "chassis"):
        for call, name in source.calls():
            if name.endswith((".commit", ".rollback")):
                yield call.lineno, f"{name}() outside services/chassis"


def no_clock_in_a_domain(source: Source) -> Iterator[Finding]:
    """Domain code is handed the time and the ids it needs."""
    pure = is_domain(source) or is_form(source) or source.parts[0] in PURE
    if pure or "projections" in source.parts:
        for call, name in source.calls():
            if _CLOCKS.match(name):
                yield call.lineno, f"{name}() in a domain"


def domain_imports_only_the_standard_library_and_code_lists(source: Source) -> Iterator[Finding]:
    """And other domain modules of its own service."""
    if not is_domain(source):
        return
    for line, module in source.imports():
        top, *below = module.split(".")
        own = top == "services" and below[:1] == [source.service] and "domain" in below
        known = f"{module}.".startswith(
            ("reference.", "contracts.forms.", "contracts.record_time.", "services.linkage.")
        )
        if not (own or known or (top in sys.stdlib_module_names and top)):
            yield line, f"a domain imports {module}"


# What a form declares itself with; the rest of the engine reads, encrypts and stores.
_DECLARING = frozenset(
    {"Aim", "CellFault", "Dated", "Milestone", "Prepare", "Register", "Row", "Subject", "by_dates", "collect"}
)


def forms_are_pure(source: Source) -> Iterator[Finding]:
    """A form reads a row and decides; what it must look up, its composition hands to it."""
    if not is_form(source):
        return
    for line, module in source.imports():
        own = module.startswith(f"services.{source.service}.") and "domain" in module.split(".")
        known = f"{module}.".startswith(("reference.", "contracts.", "services.linkage."))
        engine, _, name = module.partition("services.registers")
        declares = not engine and name.removeprefix(".") in {"", *_DECLARING}
        if not (own or known or declares or module.split(".")[0] in sys.stdlib_module_names):
            yield line, f"a form imports {module}"


def layers_point_inwards(source: Source) -> Iterator[Finding]:
    """app > http | consumers > usecases > repository, messages, tables > domain."""
    own = layer_of(source.parts[1:]) if source.service else None
    if own is None:
        return
    for line, module in source.imports():
        parts = tuple(module.split("."))
        shared = len(parts) > 1 and parts[1] in SHARED
        other = layer_of(parts[1:]) if parts[0] == "services" and not shared else None
        sideways = {"http", "consumers"} <= {*source.parts, *parts}
        if other is not None and (LAYERS[other] > LAYERS[own] or sideways):
            yield line, f"{own} imports {other}: {module}"


# What each package at the ground may import besides the standard library.
_GROUND: Mapping[str, frozenset[str]] = {
    "contracts": frozenset({"contracts", "reference", "pydantic", "pydantic_core"}),
    # One setting chooses the province pack; settings are read by pydantic-settings everywhere.
    "reference": frozenset({"reference", "provinces", "pydantic_settings"}),
    # Sealing and offline checking must hash and sign the same way: canonical JSON and Ed25519 of the field.
    "proof": frozenset({"proof", "rfc8785", "orjson", "cryptography", "pydantic"}),
    "texts": frozenset({"texts", "babel"}),
    "tablecheck": frozenset({"tablecheck", "reference", "texts"}),
    "registerfiles": frozenset({"registerfiles", "contracts", "reference", "texts", "python_calamine"}),
    "typesetting": frozenset({"typesetting", "orjson", "typst"}),
}


def ground_imports_only_what_it_may(source: Source) -> Iterator[Finding]:
    """Contracts stand on the standard library and pydantic, proof on what hashes and signs, the rest on less."""
    allowed = _GROUND.get(source.parts[0])
    if allowed is None:
        return
    for line, module in source.imports():
        top = module.split(".")[0]
        if top not in allowed and top not in sys.stdlib_module_names:
            yield line, f"{source.parts[0]} imports {module}"


# A package on this list is entered through its ``__init__`` alone. Modules of ``contracts`` are public one by one.
DOORS = (
    "reference",
    "proof",
    "texts",
    "tablecheck",
    "typesetting",
    "contracts.forms",
    "deploy.backup",
    "deploy.embedded",
    "deploy.kafka",
    "services.linkage",
    "services.registers",
    "services.registers.pages",
    "services.matching",
    "services.marks",
    "services.registry.chronology",
    "services.registry.hashing",
    "services.registry.index",
    "services.registry.timeline",
    "services.treatment.directory",
    *(
        f"services.chassis.{room}"
        for room in ("runtime", "security", "persistence", "audit", "kafka", "http")
    ),
    *(
        f"services.reporting.{room}"
        for room in ("facts", "figures", "figures.exact", "disclosure", "closing", "reconciliation", "checks")
    ),
    *(f"services.reporting.{room}" for room in ("dissemination", "subscriptions", "documents")),
)


def packages_are_entered_by_their_door(source: Source) -> Iterator[Finding]:
    """From outside a package only what its ``__init__`` exports.

    Exempt are tests and tools, which look inside by trade, migrations, and composition roots: they alone mount routers
    and start workers, which are of no use to anybody else.
    """
    root = source.service is not None and source.parts[2:] == ("app",)
    if root or source.parts[0] in ("tests", "tools") or "migrations" in source.parts:
        return
    here = ".".join(part for part in source.parts if part != "__init__")
    pure = f"services.{source.service}." if is_domain(source) or is_form(source) else "-"
    for node in ast.walk(source.tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            # ``from package import module`` enters as deep as ``import package.module``, unless the door itself offers it.
            shut = modules_not_offered(node.module) if node.module in DOORS else frozenset[str]()
            inside = (f"{node.module}.{alias.name}" for alias in node.names if alias.name in shut)
            modules = [node.module or "", *inside]
        for module in modules:
            door = max((door for door in DOORS if f"{module}.".startswith(f"{door}.")), key=len, default=None)
            # Pure code may not come in through a door that opens on a repository as well.
            if module.startswith(pure) and "domain" in module.split("."):
                continue
            if door is not None and module != door and not f"{here}.".startswith(f"{door}."):
                yield getattr(node, "lineno", 0), f"{module} is inside {door}"


def suites_share_through_support(source: Source) -> Iterator[Finding]:
    """What two suites need lies in ``tests/support``, which needs no suite."""
    if source.parts[0] != "tests":
        return
    own = source.parts[1]
    for line, module in source.imports():
        top, *below = module.split(".")
        if top == "tests" and below and below[0] not in (own, "support", "tools"):
            yield line, f"tests/{own} imports {module}"


def chassis_knows_no_business(source: Source) -> Iterator[Finding]:
    """No business word among the chassis' names and texts (words about it in docstrings are free)."""
    if source.parts[:2] != ("services", "chassis"):
        return
    documents = set(source.docstrings())
    for node in ast.walk(source.tree):
        text = _named(node)
        if text is None or node in documents:
            continue
        for word in re.findall(r"[a-z]+", re.sub(r"([A-Z])", r" \1", text).lower()):
            if word in BUSINESS:
                yield getattr(node, "lineno", 0), f"the chassis says {word!r}"


def no_environment_outside_settings(source: Source) -> Iterator[Finding]:
    """Settings modules read the environment; the tests' own tools may as well."""
    if source.parts[-1] == "settings" or source.parts[0] == "tests":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in (
            "os.environ",
            "os.environb",
            "os.getenv",
            "os.putenv",
        ):
            yield node.lineno, f"{dotted(node)} outside settings"
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            for alias in node.names:
                if alias.name in ("environ", "getenv"):
                    yield node.lineno, f"os.{alias.name} outside settings"


def no_print_outside_the_command_line(source: Source) -> Iterator[Finding]:
    """Only the command line and the bench talk to a terminal."""
    if source.parts[0] == "khopso" or source.parts[:2] == ("tests", "bench"):
        return
    for call, name in source.calls():
        if name in ("print", "pprint", "pprint.pprint"):
            yield call.lineno, f"{name}() outside the command line"


def files_stay_short(source: Source) -> Iterator[Finding]:
    """A long file has two reasons to change."""
    lines = source.text.count("\n")
    if lines > LINE_LIMIT:
        yield lines, f"{lines} lines, more than {LINE_LIMIT}"


def no_naive_datetimes(source: Source) -> Iterator[Finding]:
    """Every instant says its zone; only the cells of register files hold the wall clock, as clerks write it."""
    cells = source.parts[:2] == ("khopso", "registers") or source.path == "contracts/forms/examples.py"
    if source.parts[0] in ("tests", "demo") or cells:
        return
    for call, name in source.calls():
        keyword, position = _ZONES.get(".".join(name.split(".")[-2:]), (None, 0))
        zoned = len(call.args) > position or any(given.arg == keyword for given in call.keywords)
        if keyword is not None and not zoned:
            yield call.lineno, f"{name}() without a zone"


def tests_wait_on_conditions(source: Source) -> Iterator[Finding]:
    """A test never just sleeps: a pause is allowed in a loop of a function that knows its deadline.

    A function named as slow stands for slow work; ``sleep(0)`` only yields. The bench paces its load.
    """
    if source.parts[0] == "tests" and source.parts[1] != "bench":
        yield from _bare_sleeps(source.tree, in_loop=False, bounded=False)


RULES: tuple[Rule, ...] = (
    no_vietnamese_outside_the_catalogue,
    no_english_sentences_outside_the_catalogue,
    no_commit_outside_the_chassis,
    no_clock_in_a_domain,
    domain_imports_only_the_standard_library_and_code_lists,
    forms_are_pure,
    layers_point_inwards,
    ground_imports_only_what_it_may,
    packages_are_entered_by_their_door,
    suites_share_through_support,
    exact_values_have_named_readers,
    migrations_import_no_project_code,
    chassis_knows_no_business,
    no_environment_outside_settings,
    no_print_outside_the_command_line,
    files_stay_short,
    no_naive_datetimes,
    private_attributes_stay_at_home,
    tests_wait_on_conditions,
    no_province_outside_its_pack,
    docstrings_begin_with_a_verb,
    numbers_are_read_with_ascii_digits,
)


def is_domain(source: Source) -> bool:
    """Whether the file is domain code of a service."""
    return source.service is not None and "domain" in source.parts


def is_form(source: Source) -> bool:
    """Whether the file declares a register of a service: one form's milestones, rules and snapshot."""
    return source.service is not None and any(name == "Register" for _, name in source.calls())


def layer_of(parts: tuple[str, ...]) -> str | None:
    """The layer that a module belongs to, by the innermost name that is one."""
    return next((part for part in parts if part in LAYERS), None)


def _named(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=text) | ast.arg(arg=text) | ast.Attribute(attr=text):
            return text
        case ast.FunctionDef(name=text) | ast.AsyncFunctionDef(name=text) | ast.ClassDef(name=text):
            return text
        case ast.Constant(value=str() as text):
            return text
    return None


def _bare_sleeps(node: ast.AST, *, in_loop: bool, bounded: bool) -> Iterator[Finding]:
    if (
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and "slow" in node.name
        and "test" not in node.name
    ):
        return
    for child in ast.iter_child_nodes(node):
        sleeps = isinstance(child, ast.Call) and dotted(child.func).rsplit(".", 1)[-1] == "sleep"
        if sleeps and not (in_loop and bounded) and not _only_yields(child):
            yield getattr(child, "lineno", 0), "sleep outside a loop with a deadline"
        inner_loop, inner_bounded = in_loop, bounded
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            inner_loop, inner_bounded = False, "deadline" in ast.dump(child)
        elif isinstance(child, ast.While | ast.For | ast.AsyncFor):
            inner_loop = True
        yield from _bare_sleeps(child, in_loop=inner_loop, bounded=inner_bounded)


def _only_yields(call: ast.AST) -> bool:
    return isinstance(call, ast.Call) and [getattr(given, "value", None) for given in call.args] == [0]

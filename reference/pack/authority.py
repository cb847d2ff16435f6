"""Who may do what, as the province has decided it (``authority/*.csv``), by date and with the basis of each row.

Who hands in which form and what names the paper that a number rests on, who reads rows, what one agency learns of the people
of another and which values of it are told as one class, how many people one may see by name in an hour, and who may take which other action. Rows are read and checked here.
"""

import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference.pack.manifest import Province, province
from reference.pack.units import read_unit_kinds
from reference.tables import (
    PackError,
    PackFault,
    Parse,
    Record,
    any_text,
    at_most,
    day,
    in_force,
    listed,
    one_of,
    optional,
    overlapping,
    read_table,
    text,
)

ROLES = ("clerk", "official", "analyst", "administrator", "operator")
NAMES_AN_HOUR = 50
"""How many people of other units one person may see by name within an hour, in all services together."""
ANY = "*"
"""In place of a kind of unit or a form: each."""

_GUARDS = (
    "as_rows_are_read",
    "audited",
    "event",
    "from_a_date",
    "ledger_shown",
    "masked",
    "named_person",
    "one_hour",
    "own_names_only",
    "preview",
    "purpose",
    "reason",
    "second_person",
    "shown_to_unit",
    "step_up",
    "undo_kept",
)
_VALIDITY: Mapping[str, Parse] = {
    "valid_from": optional(day),
    "valid_to": optional(day),
    "mark": one_of("V", "D"),
    "basis": text,
}
_TABLES: Mapping[str, Mapping[str, Parse]] = {
    "hand-in": {
        "form": text,
        "variant": listed(";"),
        "kind": text,
        "reach": one_of("own", "below"),
        "condition": one_of("", "commune_level", "own_agency", "owns_figure", "paper_named"),
        **_VALIDITY,
    },
    "reading": {
        "role": one_of(*ROLES),
        "rows": one_of("own", "below", "minors", "own_agency", "other_agency"),
        "sees": listed(
            ";",
            one_of(
                "values",
                "identity",
                "lists",
                "counts",
                "exact_figures",
                "releases",
                "shared",
                "technical_state",
            ),
        ),
        "guard": listed(";", one_of(*_GUARDS)),
        **_VALIDITY,
    },
    "sharing": {
        "form": text,
        "kind": text,
        "tie": one_of("residence", "requested", "treats", "own_register", "area"),
        "learns": listed(";"),
        "never": listed(";"),
        **_VALIDITY,
    },
    "classes": {
        "form": text,
        "column": text,
        "value": text,
        "told": text,
        **_VALIDITY,
    },
    "papers": {
        "form": text,
        "column": text,
        "pattern": text,
        "example": text,
        **_VALIDITY,
    },
    "limits": {
        "agency": text,
        "service": text,
        "counts": one_of("names", "records"),
        "most": at_most(NAMES_AN_HOUR),
        **_VALIDITY,
    },
    "actions": {
        "action": text,
        "role": one_of(*ROLES),
        "kind": text,
        "condition": any_text,
        "guard": listed(";", one_of(*_GUARDS)),
        **_VALIDITY,
    },
}
_KEYS = {
    "hand-in": ("form", "variant", "kind", "reach"),
    "reading": ("role", "rows", "sees"),
    "sharing": ("form", "kind", "tie"),
    "classes": ("form", "column", "value"),
    "papers": ("form",),
    "limits": ("agency", "service"),
    "actions": ("action", "role", "kind", "condition"),
}


@dataclass(frozen=True, slots=True)
class AuthorityTable:
    """The rows of the tables, by the name of the table."""

    rows: Mapping[str, tuple[Record, ...]]

    def on(self, table: str, day: date) -> list[Record]:
        """Return the rows of a table that are in force on the day."""
        return [row for row in self.rows[table] if in_force(row["valid_from"], row["valid_to"], day)]


@lru_cache(maxsize=1)
def authority(forms: frozenset[str]) -> AuthorityTable:
    """Return the authority table of the province that is served.

    Raises:
        PackError: the table is not valid.
    """
    return read_authority(province(), forms)


def read_authority(of: Province, forms: Collection[str]) -> AuthorityTable:
    """Return the authority table of a pack; ``forms`` are the names of the forms that there are.

    Raises:
        PackError: with every fault of the tables.
    """
    faults: list[PackFault] = []
    rows = {
        name: tuple(read_table(of.folder, f"authority/{name}.csv", columns, faults))
        for name, columns in _TABLES.items()
    }
    try:
        known = read_unit_kinds(of)
    except PackError as broken:
        # Which kinds there are is not known then, but what is wrong with single cells is told all the same.
        raise PackError(of.name, [*faults, *broken.faults]) from None
    kinds, agencies = {kind.kind for kind in known} | {ANY}, {kind.agency for kind in known} | {ANY}
    for name, found in rows.items():
        faults += _faults(name, found, kinds, {*forms, ANY})
    faults += (
        row.broken("agency", "must be an agency of units.csv, or *")
        for row in rows["limits"]
        if row["agency"] not in agencies
    )
    if not faults:
        handed_in = {row["form"] for row in rows["hand-in"]}
        missing = (form for form in sorted(forms) if form not in handed_in)
        rule = "must say who hands it in"
        faults += (PackFault("authority/hand-in.csv", 1, "form", form, rule) for form in missing)
        faults += _papers(rows["hand-in"], rows["papers"])
        faults += _limits(rows["limits"])
    if faults:
        raise PackError(of.name, faults)
    return AuthorityTable(rows)


def _searched(pattern: str, example: str) -> re.Match[str] | None:
    """Return where the pattern fits the example.

    Raises:
        re.error: The text is no regular expression.
        FutureWarning: A later version of the language will read the pattern differently.
        OverflowError, RecursionError: It repeats more often, or nests deeper, than the language allows.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        return re.search(pattern, example)


_LITERAL = re.compile(r"\\.|\[[^\]]*\]")
_ENDLESS = re.compile(r"[*+]|\{[0-9]*,\}")


def _papers(hand_in: tuple[Record, ...], papers: tuple[Record, ...]) -> Iterator[PackFault]:
    """Find what names no paper: a pattern that its own example does not fit, a form that needs one and has none."""
    for row in papers:
        try:
            found = _searched(row["pattern"], row["example"])
        except (re.error, FutureWarning, OverflowError, RecursionError):
            yield row.broken("pattern", "must be a regular expression")
            continue
        # A search without limits may take minutes on a text that somebody made for it.
        if _ENDLESS.search(_LITERAL.sub("", row["pattern"])):
            yield row.broken("pattern", "must limit each repetition, as {1,30} does")
        if found is None or not {"number", "day"} <= found.groupdict().keys():
            yield row.broken("example", "must fit the pattern, with its groups number and day")
    named = {row["form"] for row in papers}
    for row in hand_in:
        if row["condition"] == "paper_named" and row["form"] not in named:
            yield row.broken("condition", "must have a row in papers.csv")


def limit_in(rows: Iterable[Record], agency: str, service: str) -> int:
    """Return the limit of an agency's people in a service, of rows in force; that of ``*`` where it has none of its own."""
    found = {row["agency"]: row["most"] for row in rows if row["service"] == service}
    return int(found.get(agency, found.get(ANY, 0)))


def _limits(rows: tuple[Record, ...]) -> Iterator[PackFault]:
    """Find agencies whose people could see more names in an hour than are allowed, by asking one service after the other."""
    services = {row["service"] for row in rows if row["counts"] == "names"}
    changes = {row["valid_from"] or date.min for row in rows} | {row["valid_to"] or date.min for row in rows}
    for since in sorted(changes):
        now = [row for row in rows if in_force(row["valid_from"], row["valid_to"], since)]
        for agency in sorted({row["agency"] for row in now}):
            if sum(limit_in(now, agency, service) for service in services) > NAMES_AN_HOUR:
                at_fault = next(row for row in now if row["agency"] == agency)
                rule = f"must be at most {NAMES_AN_HOUR} in all services together on each day"
                yield at_fault.broken("most", rule)


def _faults(
    table: str, rows: tuple[Record, ...], kinds: Collection[str], forms: Collection[str]
) -> Iterator[PackFault]:
    for row in rows:
        if "kind" in row.values and row["kind"] not in kinds:
            yield row.broken("kind", "must be a kind of units.csv, or *")
        if "form" in row.values and row["form"] not in forms:
            yield row.broken("form", "must be a form, or *")
    for row in overlapping(rows, *_KEYS[table]):
        yield row.broken(_KEYS[table][0], f"must not occur twice at one time with the same {_KEYS[table]}")

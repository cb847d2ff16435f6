"""Who may do what, as the province has decided it (``authority/*.csv``), by date and with the basis of each row.

Four tables: who hands in which form, who reads rows, what one agency learns of the people of another, and who may take
which other action. Rows are read and checked; nothing decides by them yet.
"""

from collections.abc import Collection, Iterator, Mapping
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
    "actions": ("action", "role", "kind", "condition"),
}


@dataclass(frozen=True, slots=True)
class AuthorityTable:
    """The rows of the four tables, by the name of the table."""

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
        PackError: with every fault of the four tables.
    """
    faults: list[PackFault] = []
    rows = {
        name: tuple(read_table(of.folder, f"authority/{name}.csv", columns, faults))
        for name, columns in _TABLES.items()
    }
    try:
        kinds = {kind.kind for kind in read_unit_kinds(of)} | {ANY}
    except PackError as broken:
        # Which kinds there are is not known then, but what is wrong with single cells is told all the same.
        raise PackError(of.name, [*faults, *broken.faults]) from None
    for name, found in rows.items():
        faults += _faults(name, found, kinds, {*forms, ANY})
    if not faults:
        handed_in = {row["form"] for row in rows["hand-in"]}
        missing = (form for form in sorted(forms) if form not in handed_in)
        rule = "must say who hands it in"
        faults += (PackFault("authority/hand-in.csv", 1, "form", form, rule) for form in missing)
    if faults:
        raise PackError(of.name, faults)
    return AuthorityTable(rows)


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

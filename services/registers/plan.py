"""What a form's description says about its rows as a whole: which columns make the key, which ones are checked how."""

from dataclasses import dataclass
from functools import lru_cache

from contracts.forms import Column, Form, Kind

UNIT, RECORDED, VOID = "unit_code", "recorded_on", "void"
_DATED = frozenset({Kind.DATE, Kind.DATETIME})
_AREAS = frozenset({Kind.COMMUNE, Kind.AREA})


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of a form's key: the alternatives of columns that may make it, first filled one wins.

    ``exclusive``: exactly one alternative must be filled (none of their columns is required anyway).
    """

    alternatives: tuple[tuple[str, ...], ...]
    exclusive: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is worked out once per form.

    ``facts`` are dates of what happened (not of what is planned); ``birth`` is the column of the birth date.
    ``leaving`` are the columns whose stored value stays when a row leaves them out: all that say something about the
    record, except its key. ``communes`` are the columns of communes that are no part of the key. ``numbers`` are the numbers
    and codes in the key, which are compared folded; ``spelt`` the columns in which another spelling of the same number or
    substance is no correction. ``facilities`` and ``substances`` are the columns that name such. ``identity`` are the columns
    that say who a record is about, ``stored`` those that are stored unencrypted.
    """

    key: tuple[KeyPart, ...]
    void_columns: tuple[Column, ...]
    facts: tuple[Column, ...]
    areas: tuple[Column, ...]
    required: tuple[Column, ...]
    birth: str | None
    leaving: frozenset[str]
    communes: tuple[str, ...]
    numbers: frozenset[str]
    spelt: tuple[str, ...]
    facilities: tuple[str, ...]
    substances: tuple[str, ...]
    identity: frozenset[str]
    stored: frozenset[str]


@lru_cache(maxsize=64)
def plan_of(form: Form) -> Plan:
    """Return the form's plan, made once."""
    key = tuple(_key_part(form, part) for part in form.key)
    key_columns = frozenset(
        column for part in key for alternative in part.alternatives for column in alternative
    )
    identity = frozenset(column.id for column in form.columns if column.identity)
    common = [form.by_id[column] for column in (UNIT, RECORDED)]
    return Plan(
        key=key,
        void_columns=(*(column for column in form.columns if column.id in key_columns), *common),
        # Planned dates may lie in the future, so they are not compared with the day of recording.
        facts=tuple(column for column in form.columns if column.kind in _DATED and not column.plan),
        areas=tuple(column for column in form.columns if column.kind in _AREAS),
        required=tuple(column for column in form.columns if column.required),
        birth=next((column.id for column in form.columns if column.kind is Kind.BIRTH), None),
        leaving=frozenset(form.by_id) - key_columns - {UNIT, RECORDED, VOID},
        communes=tuple(
            column.id
            for column in form.columns
            if column.kind is Kind.COMMUNE and column.id not in key_columns
        ),
        numbers=frozenset(name for name in key_columns if _is_number(form.by_id[name])),
        spelt=tuple(
            column.id
            for column in form.columns
            if column.substance
            or (_is_number(column) and (column.id in key_columns or column.id.endswith("_no")))
        ),
        facilities=tuple(column.id for column in form.columns if column.names == "facilities"),
        substances=tuple(column.id for column in form.columns if column.substance),
        identity=identity,
        stored=frozenset(form.by_id) - identity - {UNIT, RECORDED, VOID},
    )


def _is_number(column: Column) -> bool:
    return column.kind is Kind.TEXT and not column.identity


def _key_part(form: Form, part: str) -> KeyPart:
    alternatives = tuple(tuple(alternative.split("+")) for alternative in part.split("|"))
    required = any(form.by_id[column].required for alternative in alternatives for column in alternative)
    return KeyPart(alternatives, exclusive=len(alternatives) > 1 and not required)

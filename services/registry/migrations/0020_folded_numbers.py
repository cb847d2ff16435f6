"""Numbers are compared folded: stored keys get the folded form of their number; what would then be two records stays apart."""

import re
import unicodedata
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0020_folded_numbers"
down_revision = "0012_handed_in"

_FORMS = ("registry",)
_DDL = """
CREATE TABLE number_apart (
    form TEXT NOT NULL,
    unit TEXT NOT NULL,
    number TEXT NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (form, unit, number)
);
"""
# Numbers that are their own folded form need not be read: they are most of a register.
_WRITTEN = """
SELECT unit, split_part(key, U&'\\001F', 1) AS number, min(handed_in_at) AS since FROM record
WHERE form = :form AND split_part(key, U&'\\001F', 1) !~ '^[0-9A-Z._/-]*$'
GROUP BY 1, 2 ORDER BY since, number
"""
_PLAIN = """
SELECT DISTINCT unit, split_part(key, U&'\\001F', 1) FROM record
WHERE form = :form AND split_part(key, U&'\\001F', 1) = ANY(:folded)
"""
_FOLD_KEYS = """
UPDATE record SET key = fresh.folded || substr(record.key, length(fresh.number) + 1)
FROM unnest(CAST(:units AS text[]), CAST(:numbers AS text[]), CAST(:folded AS text[])) AS fresh (unit, number, folded)
WHERE record.form = :form AND record.unit = fresh.unit AND split_part(record.key, U&'\\001F', 1) = fresh.number
"""
_FOLD_REFS = """
UPDATE person_ref SET number = fresh.folded
FROM unnest(CAST(:units AS text[]), CAST(:numbers AS text[]), CAST(:folded AS text[])) AS fresh (unit, number, folded)
WHERE person_ref.form = :form AND person_ref.unit = fresh.unit AND person_ref.number = fresh.number
"""
_KEEP_APART = """
INSERT INTO number_apart (form, unit, number, folded)
SELECT :form, fresh.unit, fresh.number, fresh.folded
FROM unnest(CAST(:units AS text[]), CAST(:numbers AS text[]), CAST(:folded AS text[])) AS fresh (unit, number, folded)
"""
_MARKS = {"\u02d7": "-", "\u2043": "-", "\u2212": "-", "\u2044": "/", "\u2215": "/"}


def upgrade() -> None:
    """Make the table of numbers that stay apart, and fold the others."""
    op.execute(_DDL)
    connection = op.get_bind()
    for form in _FORMS:
        _fold_form(connection, form)


def _fold_form(connection: sa.Connection, form: str) -> None:
    """Fold the numbers of a form. Of numbers that fold to the same the one written so, else the earliest, is folded."""
    written = [
        (unit, number, _fold(number))
        for unit, number, _ in connection.execute(sa.text(_WRITTEN), {"form": form})
    ]
    wanted = sorted({folded for _, _, folded in written})
    plain = connection.execute(sa.text(_PLAIN), {"form": form, "folded": wanted})
    taken = {(unit, number) for unit, number in plain}
    taken |= {(unit, number) for unit, number, folded in written if number == folded}
    first: list[tuple[str, str, str]] = []
    apart: list[tuple[str, str, str]] = []
    for each in written:
        unit, number, folded = each
        if number == folded:
            continue
        (apart if (unit, folded) in taken else first).append(each)
        taken.add((unit, folded))
    for statement, rows in ((_FOLD_KEYS, first), (_FOLD_REFS, first), (_KEEP_APART, apart)):
        _run(connection, statement, form, rows)


def _run(connection: sa.Connection, statement: str, form: str, rows: Iterable[tuple[str, str, str]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        units, numbers, folded = columns
        connection.execute(
            sa.text(statement), {"form": form, "units": units, "numbers": numbers, "folded": folded}
        )


def _fold(text: str) -> str:
    """Return the number as it is compared from this revision on (reference.fold)."""
    for _ in range(4):
        plain = "".join(_mark(letter) for letter in unicodedata.normalize("NFKC", text))
        folded = re.sub(" ?([-/]) ?", r"\1", " ".join(unicodedata.normalize("NFC", plain).split())).upper()
        if folded == text:
            break
        text = folded
    return text


def _mark(letter: str) -> str:
    category = unicodedata.category(letter)
    return _MARKS.get(letter) or ("-" if category == "Pd" else "" if category == "Cf" else letter)

"""Registers in encodings from before Unicode: read as Unicode where all of it converts cleanly, and told. Pure."""

from collections.abc import Callable, Mapping, Sequence

from contracts.forms import Form, Kind
from reference import ENCODINGS, encoding_of, is_vietnamese
from registerfiles.columns import Matching, RowFault, fault_of
from registerfiles.judging import Convert, Verdict
from registerfiles.layout import Header, find_header
from registerfiles.rows import Cell, Row

_WORDS = frozenset({Kind.TEXT, Kind.CODE, Kind.CODES, Kind.TEXTS, Kind.FLAG, Kind.COMMUNE})


def convert_header(form: Form, rows: Sequence[Row]) -> tuple[Header, RowFault] | None:
    """Return the header of a sheet whose header is in an old encoding, in Unicode; None where it is not."""
    for encoding in ENCODINGS:
        convert = _texts(encoding.decode)
        header = find_header(form, [Row(row.number, [convert(cell) for cell in row.cells]) for row in rows])
        if header is not None and header.hits > 1:
            return header, fault_of(header.first, "", None, "header_converted", encoding=encoding.name)
    return None


def convert_texts(
    matching: Matching, texts: Mapping[int, Mapping[str, int]], verdict: Verdict, *, old: bool
) -> None:
    """Have the words of a sheet read as Unicode where they are in an old encoding, all of them.

    ``texts`` are the different texts that are not plain ASCII, by position, each with its first row. A sheet in which some
    words are in an old encoding and others are not cannot be read: which is which cannot be told for every word.
    """
    words = {
        index: found for index, found in texts.items() if matching.columns[index].kind in _WORDS and found
    }
    strange = {
        index: found for index, found in words.items() if not all(is_vietnamese(text) for text in found)
    }
    if not strange and not old:
        return
    encoding = encoding_of([text for found in words.values() for text in found])
    if encoding is None:
        _refuse_mixed(matching, strange, verdict)
        return
    index, found = next(iter((strange or words).items()), (0, {}))
    if found:
        text, number = next(iter(found.items()))
        verdict.notes.append(
            fault_of(
                number,
                matching.columns[index].id,
                text,
                "text_converted",
                encoding=encoding.name,
                before=text,
                after=encoding.decode(text),
            )
        )
    for index in words:
        verdict.convert[index] = _texts(encoding.decode)


def _refuse_mixed(matching: Matching, strange: Mapping[int, Mapping[str, int]], verdict: Verdict) -> None:
    """Stop where part of a column is in an old encoding; a single foreign word is a matter of its row."""
    for index, found in strange.items():
        # One by one: where they are in two encodings, or one of them is broken, no single encoding fits them all.
        bad = {text: encoding for text in found if (encoding := encoding_of([text])) is not None}
        if bad:
            text, encoding = next(iter(bad.items()))
            number = found[text]
            column = matching.columns[index]
            verdict.stops.append(
                fault_of(
                    number,
                    column.id,
                    text,
                    "text_mixed",
                    column=column.vi,
                    encoding=encoding.name,
                    after=encoding.decode(text),
                    count=len(bad),
                )
            )


def _texts(decode: Callable[[str], str]) -> Convert:
    def convert(cell: Cell) -> Cell:
        return decode(cell) if isinstance(cell, str) else cell

    return convert

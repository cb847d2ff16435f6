"""Comparison of a row with a record, column by column, and what kind of slip a difference looks like. Pure."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.forms import Column, Form, Kind
from reference import area_book, bare, digits_only
from services.linkage import normalise_name
from services.matching.model import Difference, Ours, Theirs

APART = frozenset({"recorded_on", "unit_code", "void"})
TYPOS = frozenset(
    {
        "tone_marks",
        "name_order",
        "one_letter",
        "one_digit",
        "digits_swapped",
        "day_month",
        "old_new_id",
        "power_of_ten",
    }
)
"""Hints that say that both sides mean the same and one wrote it wrong."""
_TEXTS = frozenset({Kind.TEXT, Kind.TEXTS})
_AREAS = frozenset({Kind.COMMUNE, Kind.AREA})
_DAYS = frozenset({Kind.DATE, Kind.DATETIME, Kind.BIRTH})
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
_TELLING = 3  # characters: 2 for 3 is another number, 1502 for 1503 may be a slip
_LIKE = 2  # letters that may differ in a name that is still like another


def differences(form: Form, theirs: Theirs, ours: Ours, columns: frozenset[str]) -> list[Difference]:
    """Return the columns of the list in which row and record say something else, in the form's order.

    Identity columns are compared only where the caller may read the record's. A cell of the list that cannot be
    read is a difference, its hint is ``invalid``.
    """
    if theirs.void:
        return [Difference("void", True, False)]
    mine = ours.values
    found = []
    for column in form.columns:
        name = column.id
        if name in APART or name not in columns or (column.identity and ours.identity is None):
            continue
        if name in theirs.invalid:
            found.append(Difference(name, theirs.invalid[name], _shown(column, mine.get(name)), "invalid"))
            continue
        left, right = theirs.values.get(name), mine.get(name)
        if not same(column, left, right) and not _became(theirs.later_areas.get(name), right):
            left, right = _shown(column, left), _shown(column, right)
            found.append(Difference(name, left, right, hint(column, left, right)))
    # A unit that the list did not name is only our default, which cannot contradict the record.
    if theirs.unit_named and theirs.unit != ours.unit:
        found.append(Difference("unit_code", theirs.unit, ours.unit))
    return found


def same(column: Column, left: Any, right: Any) -> bool:
    """Return whether two values of a column say the same: spelling of text (case, tone placement, spacing) aside."""
    if blank(left) or blank(right):
        return blank(left) and blank(right)
    if left == right:
        return True
    if column.kind in _AREAS:
        # Two full uids of one code are two areas: the code was used again. A bare code leaves it open which is meant.
        return ("@" not in str(left) or "@" not in str(right)) and _code(left) == _code(right)
    if column.kind in _TEXTS:
        return bool(_folded(left) == _folded(right))
    return column.kind is Kind.CODES and set(left) == set(right)


def _became(later: str | None, mine: Any) -> bool:
    """Return whether the area of the list's code on the list's day is what the record's area has become by then.

    A list drawn up after communes were merged has their new codes for old records too.
    """
    if later is None or not isinstance(mine, str) or mine not in area_book().by_uid:
        return False
    begun = area_book().by_uid[later].valid_from
    return begun is not None and area_book().carried_to(mine, begun) == later


def blank(value: Any) -> bool:
    """Return whether the value is blank; "no" and an empty list count as blank, the number 0 does not."""
    return value is None or value is False or value in ("", [], ())


def hint(column: Column, left: Any, right: Any) -> str | None:
    """Return what kind of slip turns one value into the other; None where it looks like none."""
    if blank(left) or blank(right):
        return "only_here" if blank(left) else "only_there"
    if column.id == "full_name":
        return _name_hint(str(left), str(right))
    if column.kind is Kind.NATIONAL_ID:
        return "old_new_id" if len(str(left)) != len(str(right)) else _digit_hint(str(left), str(right))
    if column.kind in _DAYS:
        return _day_hint(str(left), str(right))
    if column.kind in _NUMBERS:
        return _number_hint(str(left), str(right)) or _digit_hint(str(left), str(right))
    return _digit_hint(str(left), str(right)) if column.kind is Kind.TEXT else None


def plausible(theirs: Theirs, ours: Ours) -> bool:
    """Return whether a row with a record's key may be about the record's person: name, birth or number are similar.

    A list with numbers of its own has some keys of the register by chance. True where there is nothing to compare.
    """
    identity = ours.identity
    if not identity:
        return True
    told = {
        name: (theirs.values[name], identity[name])
        for name in ("full_name", "birth_date", "national_id")
        if not blank(theirs.values.get(name)) and not blank(identity.get(name))
    }
    if "full_name" not in told:
        return True
    if alike(*told["full_name"]):
        return True
    number = told.get("national_id")
    if number is not None and (number[0] == number[1] or _digit_hint(*number) is not None):
        return True
    birth = told.get("birth_date")
    # Too many people share a birth year for it to be evidence.
    return birth is not None and birth[0] == birth[1] and len(str(birth[0])) > 4


def alike(left: str, right: str) -> bool:
    """Return whether two names may be one name, apart from tone marks, the order of words, and a letter or two."""
    one, other = bare(left), bare(right)
    return sorted(one.split()) == sorted(other.split()) or within(one, other, _LIKE)


def agree(form: Form, theirs: Theirs, ours: Ours, names: frozenset[str]) -> bool:
    """Return whether row and record say the same in all these columns, as far as both have them."""
    return all(
        same(form.by_id[name], theirs.values.get(name), ours.values.get(name))
        for name in names
        if not blank(theirs.values.get(name)) and not blank(ours.values.get(name))
    )


def equal_columns(form: Form, theirs: Theirs, ours: Ours) -> int:
    """Count the filled columns in which row and record say the same."""
    mine = ours.values
    return sum(
        not blank(value) and name in form.by_id and same(form.by_id[name], value, mine.get(name))
        for name, value in theirs.values.items()
    )


def within(left: str, right: str, limit: int) -> bool:
    """Return whether at most so many letters must be changed, added or left out to make one text the other."""
    if abs(len(left) - len(right)) > limit:
        return False
    row = list(range(len(right) + 1))
    for index, letter in enumerate(left, 1):
        above, row[0] = row[0], index
        for place, other in enumerate(right, 1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (letter != other))
        # The smallest number never falls from row to row; most pairs differ a lot and end at once.
        if min(row) > limit:
            return False
    return row[-1] <= limit


def swapped(left: date, right: date) -> bool:
    """Return whether two dates differ only in that day and month are swapped."""
    return left != right and left.year == right.year and (left.day, left.month) == (right.month, right.day)


def hint_of_days(left: date, right: date) -> str | None:
    """Return what kind of slip turns one day into the other; None where it looks like none."""
    return _day_hint(left.isoformat(), right.isoformat())


def _shown(column: Column, value: Any) -> Any:
    return _code(value) if column.kind in _AREAS and value is not None else value


def _code(value: Any) -> str:
    return str(value).partition("@")[0]


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return normalise_name(value)
    return {normalise_name(each) for each in value}


def _name_hint(left: str, right: str) -> str | None:
    one, other = bare(left), bare(right)
    if one == other:
        return "tone_marks"
    if sorted(one.split()) == sorted(other.split()):
        return "name_order"
    return "one_letter" if within(one, other, 1) else None


def _digit_hint(left: str, right: str) -> str | None:
    if left == right or min(len(left), len(right)) < _TELLING:
        return None
    if len(left) == len(right):
        unlike = [index for index in range(len(left)) if left[index] != right[index]]
        if len(unlike) == 1:
            return "one_digit" if digits_only(left[unlike[0]]) else "one_letter"
        first, last = unlike[0], unlike[-1]
        if (
            len(unlike) == 2
            and last == first + 1
            and left[first] == right[last]
            and left[last] == right[first]
        ):
            return "digits_swapped"
        return None
    return "one_letter" if within(left, right, 1) else None


def _day_hint(left: str, right: str) -> str | None:
    if (len(left) == 4) != (len(right) == 4):
        return "year_only" if left[:4] == right[:4] else None
    try:
        one, other = date.fromisoformat(left[:10]), date.fromisoformat(right[:10])
    except ValueError:
        return _digit_hint(left, right)
    if swapped(one, other) and left[10:] == right[10:]:
        return "day_month"
    return _digit_hint(left, right)


def _number_hint(left: str, right: str) -> str | None:
    try:
        one, other = abs(Decimal(left)), abs(Decimal(right))
    except InvalidOperation:
        return None
    if not one or not other or one == other:
        return None
    ratio = max(one, other) / min(one, other)
    return "power_of_ten" if ratio in (10, 100, 1000, 1_000_000) else None


def looks_like_typos(found: list[Difference]) -> bool:
    """Return whether every difference looks like a typing error."""
    return bool(found) and all(each.hint in TYPOS for each in found)

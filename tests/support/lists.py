"""Registers of invented people, lists that are changed copies of them, and what a match must find: the truth.

Every change says itself what it must be found as, in plain words of the contract (kind, reason, columns); nothing
here asks the code under test.
"""

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reference import province, sample_communes

Row = dict[str, Any]
# Under Hải Dương's pack three wards that became one in 2025, otherwise the first three communes that there are.
_MERGED = ("10513", "10516", "10525")
COMMUNES = _MERGED if province().name == "hai-duong" else tuple(one.code for one in sample_communes()[:3])
UNITS = tuple(f"police:{code}" for code in COMMUNES)
_FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLES = ("Văn", "Thị", "Đức", "Hữu", "Công", "Ngọc", "Quốc", "Xuân", "Thanh", "Minh")
_GIVEN = ("Hoà", "Thuỷ", "Tuấn", "Dũng", "Quyết", "Hạnh", "Khuê", "Loan", "Trường", "Phượng", "Nghĩa", "Bảo")


@dataclass(frozen=True)
class Found:
    """One item that a match must report; ``where`` is the row of the list, or the number of the record."""

    kind: str
    where: int | str
    reason: str
    fields: frozenset[str] = frozenset()


@dataclass
class Case:
    """A register (rows to be handed in, in order), a list, and the truth about the two."""

    register: list[Row] = field(default_factory=list)
    listed: list[Row] = field(default_factory=list)
    expected: set[Found] = field(default_factory=set)
    in_both: int = 0
    ours: int = 0

    @property
    def theirs(self) -> int:
        return len(self.listed)

    def add(self, row: Row) -> int:
        """Put a row on the list; its number as in a sheet."""
        self.listed.append(row)
        return len(self.listed) + 1

    def expect(self, kind: str, where: int | str, reason: str, *fields: str) -> None:
        self.expected.add(Found(kind, where, reason, frozenset(fields)))


def person(number: int, rng: random.Random) -> Row:
    """Somebody of the police register: name, birth date and number are like nobody else's."""
    first, second = divmod(number, len(_GIVEN))
    third, first = divmod(first, len(_GIVEN))
    name = " ".join(
        (
            _FAMILIES[(number * 7) % len(_FAMILIES)],
            _MIDDLES[third % len(_MIDDLES)],
            _GIVEN[first],
            _GIVEN[second],
        )
    )
    return {
        "record_no": f"HS-{number:05d}",
        "unit_code": UNITS[number % len(UNITS)],
        "full_name": name,
        "birth_date": f"{rng.randint(13, 28)}/{rng.randint(1, 12):02d}/{1960 + number % 40}",
        "sex": rng.choice(("Nam", "Nữ")),
        "national_id": f"0{rng.randint(10, 96):02d}{number:05d}{rng.randint(0, 9999):04d}",
        "commune_code": rng.choice(COMMUNES),
        "status": "addict",
        "status_from": f"{rng.randint(13, 28)}/{rng.randint(1, 12):02d}/2022",
        "decision_no": f"{number}/QĐ",
        "recorded_on": "10/01/2023",
    }


def listed(row: Row, **changed: Any) -> Row:
    """The row as it stands on the agency's list: no record time of its own."""
    return {
        name: value for name, value in (row | changed).items() if name != "recorded_on" and value is not None
    }


# --- what may have happened to one person ------------------------------------------------------------------------


def _kept(case: Case, row: Row, rng: random.Random) -> None:
    case.add(listed(row))
    case.in_both += 1


def _spelled_otherwise(case: Case, row: Row, rng: random.Random) -> None:
    """Another Unicode form, another place of the tone mark, capitals, spaces: the same name."""
    name = row["full_name"].replace("oà", "òa").replace("uỷ", "ủy")
    name = rng.choice((name.upper(), unicodedata.normalize("NFD", name), f"  {name.replace(' ', '   ')} "))
    case.add(listed(row, full_name=name, national_id=f"{row['national_id'][:3]} {row['national_id'][3:]}"))
    case.in_both += 1


def _dropped(case: Case, row: Row, rng: random.Random) -> None:
    case.expect("only_ours", row["record_no"], "missing_there")


def _typo(case: Case, row: Row, rng: random.Random) -> None:
    name = row["full_name"]
    place = rng.choice([index for index, letter in enumerate(name) if letter in "nghct"])
    number = case.add(listed(row, full_name=f"{name[:place]}x{name[place + 1 :]}"))
    case.expect("different", number, "typo", "full_name")


def _tones_lost(case: Case, row: Row, rng: random.Random) -> None:
    bare = "".join(m for m in unicodedata.normalize("NFD", row["full_name"]) if not unicodedata.combining(m))
    number = case.add(listed(row, full_name=bare))
    case.expect("different", number, "typo", "full_name")


def _digits_swapped(case: Case, row: Row, rng: random.Random) -> None:
    digits = row["national_id"]
    place = rng.choice([index for index in range(11) if digits[index] != digits[index + 1]])
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    number = case.add(listed(row, national_id=swapped))
    case.expect("different", number, "typo", "national_id")


def _day_and_month_swapped(case: Case, row: Row, rng: random.Random) -> None:
    """Day and month of the decision's status changed places; the key changes with it."""
    row["status_from"] = f"0{rng.randint(1, 4)}/0{rng.randint(5, 9)}/2022"
    day, month, year = row["status_from"].split("/")
    number = case.add(listed(row, status_from=f"{month}/{day}/{year}"))
    case.expect("different", number, "key_date", "status_from")


def _other_unit(case: Case, row: Row, rng: random.Random) -> None:
    other = rng.choice([unit for unit in UNITS if unit != row["unit_code"]])
    number = case.add(listed(row, unit_code=other))
    case.expect("different", number, "other_unit", "unit_code")


def _other_number(case: Case, row: Row, rng: random.Random) -> None:
    number = case.add(listed(row, record_no=f"CA-{row['record_no'][3:]}"))
    case.expect("different", number, "other_number", "record_no")


def _other_number_without_id(case: Case, row: Row, rng: random.Random) -> None:
    """Full name, birth date and sex are enough where no number contradicts."""
    number = case.add(listed(row, record_no=f"CB-{row['record_no'][3:]}", national_id=None))
    case.expect("different", number, "other_number", "record_no", "national_id")


def _written_otherwise(case: Case, row: Row, rng: random.Random) -> None:
    """The number as other people write it, of somebody without national ID whose birth year alone is listed."""
    row["national_id"] = ""
    year = row["birth_date"][-4:]
    number = case.add(listed(row, record_no=f"hs {int(row['record_no'][3:])}", birth_date=year))
    case.expect("different", number, "written_otherwise", "record_no", "birth_date")


def _twice_by_key(case: Case, row: Row, rng: random.Random) -> None:
    case.add(listed(row))
    case.in_both += 1
    case.expect("only_theirs", case.add(listed(row)), "duplicate_key")


def _twice_as_person(case: Case, row: Row, rng: random.Random) -> None:
    case.add(listed(row))
    case.in_both += 1
    case.expect(
        "only_theirs", case.add(listed(row, record_no=f"CC-{row['record_no'][3:]}")), "duplicate_person"
    )


def _year_alone_never_links(case: Case, row: Row, rng: random.Random) -> None:
    other = listed(
        row, record_no=f"CD-{row['record_no'][3:]}", birth_date=row["birth_date"][-4:], national_id=None
    )
    case.expect("only_theirs", case.add(other), "possible_person")
    case.expect("only_ours", row["record_no"], "possible_row")


def _contradicting_numbers_never_link(case: Case, row: Row, rng: random.Random) -> None:
    digits = row["national_id"]
    other = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    number = case.add(listed(row, record_no=f"CE-{row['record_no'][3:]}", national_id=other))
    case.expect("only_theirs", number, "possible_person")
    case.expect("only_ours", row["record_no"], "possible_row")


def _old_and_new_number(case: Case, row: Row, rng: random.Random) -> None:
    """A 9-digit and a 12-digit number do not contradict each other."""
    number = case.add(listed(row, record_no=f"CF-{row['record_no'][3:]}", national_id=row["national_id"][3:]))
    case.expect("different", number, "other_number", "record_no", "national_id")


def _year_alone_there(case: Case, row: Row, rng: random.Random) -> None:
    """The list has the birth year alone: less exact, not newer."""
    number = case.add(listed(row, birth_date=row["birth_date"][-4:]))
    case.expect("different", number, "year_only_there", "birth_date")


def _old_number_there(case: Case, row: Row, rng: random.Random) -> None:
    """The number of the identity card before the present one is no slip of the pen."""
    number = case.add(listed(row, national_id=row["national_id"][3:]))
    case.expect("different", number, "old_new_id", "national_id")


def _unnumbered_and_without_accents(case: Case, row: Row, rng: random.Random) -> None:
    """No number, no national ID, no accents: nobody for certain, but not somebody who cannot have been taken."""
    bare = "".join(m for m in unicodedata.normalize("NFD", row["full_name"]) if not unicodedata.combining(m))
    bare = bare.replace("Đ", "D").replace("đ", "d")
    number = case.add(listed(row, full_name=bare, record_no=None, national_id=None))
    case.expect("only_theirs", number, "possible_person")
    case.expect("only_ours", row["record_no"], "possible_row")


def _changed(case: Case, row: Row, rng: random.Random) -> None:
    case.expect("different", case.add(listed(row, status="post_detox")), "differs", "status")


def _blank_there(case: Case, row: Row, rng: random.Random) -> None:
    case.expect("different", case.add(listed(row, decision_no=None)), "filled_here", "decision_no")


def _unreadable(case: Case, row: Row, rng: random.Random) -> None:
    case.expect("different", case.add(listed(row, sex="?")), "refused", "sex")


def _never_handed_in(case: Case, row: Row, rng: random.Random) -> None:
    case.register.remove(row)
    case.ours -= 1
    case.expect("only_theirs", case.add(listed(row)), "never_handed_in")


def _never_valid(case: Case, row: Row, rng: random.Random) -> None:
    case.register.remove(row)
    case.ours -= 1
    case.expect("only_theirs", case.add(listed(row, commune_code="99999")), "refused")


def _withdrawn_here(case: Case, row: Row, rng: random.Random) -> None:
    case.register.append(
        {name: row[name] for name in ("record_no", "status_from", "unit_code")}
        | {"void": "x", "recorded_on": "11/01/2023"}
    )
    case.ours -= 1
    case.expect("only_theirs", case.add(listed(row)), "voided_here")


def _withdrawn_there(case: Case, row: Row, rng: random.Random) -> None:
    gone = {name: row[name] for name in ("record_no", "status_from", "unit_code")} | {"void": "x"}
    case.expect("different", case.add(gone), "withdrawn_there", "void")


def _corrected_here(case: Case, row: Row, rng: random.Random) -> None:
    case.register.append(row | {"status": "user", "recorded_on": "12/01/2023"})
    case.expect("different", case.add(listed(row)), "corrected_here", "status")


def _slip_corrected_here(case: Case, row: Row, rng: random.Random) -> None:
    """The list still has the slip of the pen that the unit has put right since."""
    day, month, year = row["birth_date"].split("/")
    wrong = row | {"birth_date": f"{day}/{month}/{int(year) - 10}"}
    case.register[case.register.index(row)] = wrong
    case.register.append(row | {"recorded_on": "12/01/2023"})
    case.expect("different", case.add(listed(wrong)), "corrected_here", "birth_date")


def _renumbered_here(case: Case, row: Row, rng: random.Random) -> None:
    """Withdrawn under the old number, handed in under a new one; the list still has the old."""
    key = {name: row[name] for name in ("record_no", "status_from", "unit_code")}
    case.register.append(key | {"void": "x", "recorded_on": "11/01/2023"})
    case.register.append(row | {"record_no": f"M-{row['record_no'][3:]}", "recorded_on": "11/01/2023"})
    case.expect("different", case.add(listed(row)), "key_corrected", "record_no")


def _number_used_again(case: Case, row: Row, rng: random.Random) -> None:
    """The list's number is here somebody else's, and nobody here is the list's person."""
    stranger = person(int(row["record_no"][3:]) + 700, rng)
    fields = ("full_name", "birth_date", "sex", "national_id")
    other = row | {name: stranger[name] for name in fields} | {"sex": "Nam" if row["sex"] == "Nữ" else "Nữ"}
    case.expect("different", case.add(listed(other)), "number_reused", *fields)


Change = Callable[[Case, Row, random.Random], None]
CHANGES: dict[str, Change] = {
    change.__name__.lstrip("_"): change
    for change in (
        _kept,
        _spelled_otherwise,
        _dropped,
        _typo,
        _tones_lost,
        _digits_swapped,
        _day_and_month_swapped,
        _other_unit,
        _other_number,
        _other_number_without_id,
        _written_otherwise,
        _twice_by_key,
        _twice_as_person,
        _year_alone_never_links,
        _contradicting_numbers_never_link,
        _old_and_new_number,
        _year_alone_there,
        _old_number_there,
        _unnumbered_and_without_accents,
        _changed,
        _blank_there,
        _unreadable,
        _never_handed_in,
        _never_valid,
        _withdrawn_here,
        _withdrawn_there,
        _corrected_here,
        _slip_corrected_here,
        _renumbered_here,
        _number_used_again,
    )
}


def case_of(changes: list[str], seed: int = 0) -> Case:
    """A register of as many people as there are changes, and the list on which these changes happened to them."""
    rng = random.Random(seed)
    case = Case()
    people = [person(number, rng) for number in range(1, len(changes) + 1)]
    for row in people:
        case.register.append(row)
        case.ours += 1
    for name, row in zip(changes, people, strict=True):
        CHANGES[name](case, row, rng)
    return case


def found_in(answer: dict[str, Any]) -> set[Found]:
    """What an answer of the service says, in the same words."""
    return {
        Found(
            item["kind"],
            item["row"] if item["row"] is not None else item["key"].split(" / ")[0],
            item["reason"]["code"],
            frozenset(field["field"] for field in item["fields"]),
        )
        for item in answer["items"]
    }

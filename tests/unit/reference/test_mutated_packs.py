"""Whatever is done to a pack, it is either served or refused with its faults, and what is served can be used.

The wrong pieces are put where people put them: another cell's text, a row twice or not at all, a stray character.
"""

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.forms import FORMS
from reference import PackError, check_province, open_province
from reference.pack.areas import read_areas
from reference.pack.offices import read_offices
from reference.pack.units import read_unit_kinds
from tests.support.packs import PACKS

PACK = PACKS / "thu-nghiem"
FILES = sorted(
    path.relative_to(PACK).as_posix() for path in PACK.rglob("*") if path.suffix in (".csv", ".toml", ".json")
)
TEXTS = {file: (PACK / file).read_text(encoding="utf-8") for file in FILES}
CELLS = sorted({cell for text in TEXTS.values() for line in text.splitlines() for cell in line.split(",")})
WRONG = [
    *("", " ", "*", "-1", "0", "²", "1e9", "NaN", "9" * 5000, "2025-02-30", "0001-01-01", "9999-12-31", "{", "{}"),
    *("{x}", "{area:d}", "{area!r}", "{y", '"', "'", "\x00", "\n", "\r", "\u2028", "\ufeff", "[" * 3000, "=", ";", "@"),
]  # fmt: skip
DAYS = (date.min, date(2020, 1, 1), date(2023, 12, 31), date(2025, 7, 1), date.max - timedelta(days=1))
PLACES = dict.fromkeys(("area", "parent", "province", "AREA", "PARENT", "PROVINCE", "place"), "Xã Ví Dụ")
pieces = st.sampled_from(WRONG) | st.sampled_from(CELLS) | st.text(max_size=8)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str]:
    """A file of the pack and its text with one place changed."""
    file = draw(st.sampled_from(FILES))
    lines = TEXTS[file].splitlines()
    number = draw(st.integers(0, len(lines) - 1))
    match draw(st.sampled_from(("cell", "span", "twice", "without", "moved"))):
        case "cell":
            cells = lines[number].split(",")
            cells[draw(st.integers(0, len(cells) - 1))] = draw(pieces)
            lines[number] = ",".join(cells)
        case "span":
            begin = draw(st.integers(0, len(lines[number])))
            end = draw(st.integers(begin, min(begin + 12, len(lines[number]))))
            lines[number] = lines[number][:begin] + draw(pieces) + lines[number][end:]
        case "twice":
            lines.insert(number, lines[number])
        case "without":
            del lines[number]
        case _:
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(number))
    return file, "\n".join(lines) + "\n"


def use(pack: str) -> None:
    """Do with a pack that was found valid what services do with it."""
    of = open_province(pack)
    book = read_areas(of)
    for uid in book.by_uid:
        for day in DAYS:
            book.placed(uid, day)
            book.origins(uid, day)
            book.communes(uid, day)
        book.successors(uid)
    for kind in read_unit_kinds(of):
        kind.named("Xã Ví Dụ")
    offices, printed = read_offices(of)
    for office in offices:
        office["name"].format(**PLACES)
    for row in printed:
        for text in (*row["superior"], *row["body"], row["place"], *row["recipients"]):
            text.format(**PLACES)


def refusal(pack: str) -> PackError | None:
    """What is said against a pack; None where it is valid."""
    try:
        check_province(open_province(pack), FORMS)
    except PackError as refused:
        return refused
    return None


@settings(max_examples=1000, deadline=None)
@given(st.lists(mutations(), min_size=1, max_size=2))
def test_a_changed_pack_is_used_or_refused_with_the_places_of_its_faults(
    changes: list[tuple[str, str]],
) -> None:
    with tempfile.TemporaryDirectory(prefix="khopso-pack-") as folder:
        copy = Path(shutil.copytree(PACK, Path(folder) / PACK.name))
        for file, text in changes:
            (copy / file).write_bytes(text.encode("utf-8", "surrogatepass"))
        refused = refusal(str(copy))
        if refused is None:
            use(str(copy))
            return
        assert refused.faults
        for fault in refused.faults:
            assert fault.rule
            # A file of shapes may have been given a name under which there is none.
            there = (copy / fault.file).exists()
            assert 1 <= fault.line <= (len((copy / fault.file).read_bytes().splitlines()) + 1 if there else 1)

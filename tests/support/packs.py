"""Codes of the province pack in use, and copies of a pack with one place changed."""

import shutil
from datetime import date
from pathlib import Path

import provinces
from reference import Area, area_book, province, sample_communes, sample_district

PACKS = Path(provinces.__file__).parent
# Two communes of one district, of the day of the reporting regions. Under Hải Dương's pack: 10513 and 10514 of 288.
COMMUNE, OTHER_COMMUNE = (one.code for one in sample_communes()[:4][-2:])
DISTRICT = sample_district().code
PROVINCE = province().code
COMMUNE_UID, DISTRICT_UID, PROVINCE_UID = (
    sample_communes()[:4][-2].uid,
    sample_district().uid,
    province().area_uid,
)
COMMITTEE = province().committee_unit


def ended_commune(there: date) -> Area:
    """The first commune that is there on the day and whose code names no area any more when it has ended."""
    book = area_book()
    ended = [
        (area.valid_to, area.code, area)
        for area in book.by_uid.values()
        if area.level == "commune"
        and area.exists_on(there)
        and area.valid_to is not None
        and book.resolve(area.code, area.valid_to) is None
    ]
    return min(ended, key=lambda one: one[:2])[2]


def renamed_area() -> tuple[Area, Area]:
    """An area that ended and the one of another name that has had its code from that day on."""
    book = area_book()
    return next(
        (old, new)
        for old in book.by_uid.values()
        if old.valid_to is not None
        and (new := book.resolve(old.code, old.valid_to)) is not None
        and new.name != old.name
    )


def changed(pack: str, folder: Path, file: str, old: str, new: str) -> str:
    """The path of a copy of the pack in which one text of one file is another."""
    copy = folder / pack
    shutil.copytree(PACKS / pack, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return str(copy)

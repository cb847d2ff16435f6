"""Definitions are versioned and effective-dated, and the reading of an ambiguous list is recorded."""

from datetime import date

import pytest

from reference.ages import age_bands
from reference.figures import FIGURES
from reference.rulesets import version_of, versions_in, versions_of
from services.registers.person import age_band

D = date.fromisoformat
CHANGES = [
    ("methadone.active", "2024-12-14", "base", "2024-12-15", "ost-2024"),
    ("detox.compulsory_admitted", "2025-02-28", "base", "2025-03-01", "police-2025"),
    ("registry.users", "2025-06-30", "base", "2025-07-01", "two-level-2025"),
    ("areas.drug_hot", "2025-08-23", "two-level-2025", "2025-08-24", "drug-class-2025"),
    ("registry.users", "2026-06-30", "two-level-2025", "2026-07-01", "law-120-2026"),
    ("detox.in_facility", "2026-06-30", "two-level-2025", "2026-07-01", "law-120-2026"),
]


@pytest.mark.parametrize(("code", "before", "old", "day", "new"), CHANGES)
def test_a_definition_holds_until_the_day_before_the_next(
    code: str, before: str, old: str, day: str, new: str
) -> None:
    assert version_of(code, D(before)).version == old
    found = version_of(code, D(day))
    assert (found.version, found.valid_from) == (new, D(day))


@pytest.mark.parametrize("code", sorted(FIGURES))
def test_every_figure_has_one_version_for_any_day_with_its_basis_in_both_languages(code: str) -> None:
    versions = versions_of(code)
    assert versions[0].valid_from is None
    starts = [version.valid_from for version in versions[1:]]
    assert starts == sorted(set(filter(None, starts)))
    assert all(version.basis and version.vi and version.en for version in versions)
    assert [version.effect == "base" for version in versions] == [True] + [False] * len(starts)


def test_a_period_across_a_change_states_both_versions() -> None:
    found = versions_in("detox.compulsory_admitted", D("2025-01-01"), D("2025-06-30"))
    assert [version.version for version in found] == ["base", "police-2025"]
    assert [
        v.version for v in versions_in("detox.compulsory_admitted", D("2025-03-01"), D("2025-06-30"))
    ] == ["police-2025"]


@pytest.mark.parametrize("code", sorted(FIGURES))
def test_an_owner_changes_where_a_version_says_so_and_nowhere_else(code: str) -> None:
    changes = {since for since, _ in FIGURES[code].owners if since is not None}
    assert {v.valid_from for v in versions_of(code) if v.effect == "owner"} == changes


def test_age_30_is_in_the_upper_band_only_and_the_choice_has_a_reason() -> None:
    bands = {band.band: band for band in age_bands()}
    assert [name for name, b in bands.items() if b.from_age <= 30 and (b.below_age or 200) > 30] == ["30+"]
    assert bands["30+"].reason
    assert bands["18-29"].reason


@pytest.mark.parametrize("born", ["1993-12-14", "1996-02-29", "1994-03-01", "1993-02-28"])
def test_the_band_changes_on_the_birthday_itself_and_intake_reads_the_bands_the_same_way(born: str) -> None:
    birth = D(born)
    for band in age_bands():
        if band.below_age is None:
            continue
        year = birth.year + band.below_age
        leap = (birth.month, birth.day) == (2, 29) and year % 4 != 0
        birthday = date(year, 3, 1) if leap else birth.replace(year=year)
        eve = date.fromordinal(birthday.toordinal() - 1)
        assert age_band(birth, eve) == (band.band, birthday)
        assert age_band(birth, birthday)[0] != band.band

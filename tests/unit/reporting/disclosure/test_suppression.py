"""Which cells of a table are hidden, judged by hand, by enumeration and by τ-ARGUS."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pytauargus import protect as argus_protect  # type: ignore[import-untyped]
from pytauargus.engine import Engine  # type: ignore[import-untyped]

from services.reporting.disclosure.primary import Threshold
from services.reporting.disclosure.secondary import Cell, audit, suppress
from services.reporting.disclosure.solving import Relation

FIVE = Threshold(5)


@pytest.fixture(scope="module", autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The judge's solvers leave their logs where they run."""
    with contextlib.chdir(tmp_path_factory.mktemp("argus")):
        yield


def table(total: int, *parts: int) -> tuple[dict[str, int], list[tuple[str, list[str]]]]:
    names = [f"c{number}" for number in range(len(parts))]
    return {"all": total, **dict(zip(names, parts, strict=True))}, [("all", names)]


def protect(
    values: Mapping[str, int],
    sums: Sequence[tuple[str, Sequence[str]]],
    threshold: Threshold,
    costs: Mapping[str, float] | None = None,
) -> dict[str, int | None]:
    """The values of a table that stands alone which may be shown, None for those that may not.

    ``sums``: each total with its parts, which need not add up exactly: persons may be in several.
    """
    cells = [Cell(key, value, cost=(costs or {}).get(key, 1.0)) for key, value in values.items()]
    relations: list[Relation] = [((total, 1), *((part, -1) for part in parts)) for total, parts in sums]
    outcome = suppress(cells, relations, threshold)
    if outcome.unsafe:
        return dict.fromkeys(values)
    return {key: None if key in outcome.hidden else value for key, value in values.items()}


def test_counts_of_one_to_four_are_never_shown_zeros_and_five_are() -> None:
    assert [FIVE.is_sensitive(value) for value in range(7)] == [False, True, True, True, True, False, False]
    without_zeros = Threshold(5, zeros_hidden=True)
    assert [without_zeros.is_sensitive(value) for value in range(7)] == [True] * 5 + [False, False]


def test_a_single_small_count_takes_a_partner_so_that_the_total_does_not_give_it_away() -> None:
    shown = protect(*table(63, 3, 20, 40), FIVE)
    assert shown["all"] == 63
    assert shown["c0"] is None
    assert [shown["c1"], shown["c2"]].count(None) == 1


def test_a_table_without_small_counts_is_shown_as_it_is() -> None:
    values, sums = table(60, 0, 20, 40)
    assert protect(values, sums, FIVE) == values


def test_parts_of_a_small_whole_are_hidden_with_their_zeros() -> None:
    values = {"all": 44, "a": 4, "b": 40, "a1": 1, "a2": 0, "a3": 3, "b1": 20, "b2": 20}
    shown = protect(values, [("all", ["a", "b"]), ("a", ["a1", "a2", "a3"]), ("b", ["b1", "b2"])], FIVE)
    assert [shown[name] for name in ("a", "a1", "a2", "a3")] == [None] * 4
    assert shown["all"] is None or shown["b"] is None


def test_with_zeros_hidden_no_zero_is_shown() -> None:
    shown = protect(*table(60, 0, 3, 57, 0), Threshold(5, zeros_hidden=True))
    assert (shown["c0"], shown["c1"], shown["c3"]) == (None, None, None)


@pytest.mark.parametrize("least", [4, 7, 10])
def test_the_threshold_is_a_setting(least: int) -> None:
    shown = protect(*table(90, least - 1, least, 90 - 2 * least + 1), Threshold(least))
    assert shown["c0"] is None


def possible(values: dict[str, int], hidden: set[str], parts: list[str], floor: int) -> dict[str, set[int]]:
    """Every value that each hidden part may have, by enumeration of all tables with the same total."""
    unknown = [name for name in parts if name in hidden]
    rest = values["all"] - sum(values[name] for name in parts if name not in hidden)
    found: dict[str, set[int]] = {name: set() for name in unknown}
    for tried in product(range(floor, rest + 1), repeat=len(unknown) - 1):
        last = rest - sum(tried)
        if last >= floor:
            for name, value in zip(unknown, (*tried, last), strict=True):
                found[name].add(value)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_every_hidden_part_of_a_shown_total_may_be_values_a_threshold_apart(seed: int) -> None:
    rng = Random(seed)
    parts = [rng.choice((0, 1, 2, 3, 6, 9, 15)) for _ in range(6)]
    values, sums = table(sum(parts), *parts)
    shown = protect(values, sums, FIVE)
    hidden = {name for name, value in shown.items() if value is None}
    if shown["all"] is None or not hidden:
        return
    for name, ends in possible(values, hidden, sums[0][1], 1).items():
        assert max(ends) - min(ends) >= FIVE.least, name


def test_a_pattern_that_gives_a_count_away_is_found_by_the_audit_with_its_bounds() -> None:
    cells = [Cell("all", 63), Cell("a", 3), Cell("b", 60)]
    relation: Relation = (("all", 1), ("a", -1), ("b", -1))
    assert audit(cells, [relation], {"a"}, FIVE) == {"a": (3, 3)}
    assert audit(cells, [relation], {"a", "b"}, FIVE) == {}


def test_what_was_shown_before_protects_nothing_now() -> None:
    relation: Relation = (("all", 1), ("a", -1), ("b", -1), ("c", -1))
    cells = [Cell("all", 63, "shown"), Cell("a", 3), Cell("b", 20, "shown"), Cell("c", 40)]
    assert suppress(cells, [relation], FIVE).hidden == {"a", "c"}


def test_counts_that_only_their_smallness_gives_away_take_one_partner() -> None:
    """Eight in two cells, each known to be under five: four and four. Every value from one to four must stay possible."""
    shown = protect(*table(68, 4, 4, 20, 40), FIVE)
    assert (shown["all"], shown["c0"], shown["c1"]) == (68, None, None)
    assert [shown["c2"], shown["c3"]].count(None) == 1


def test_a_partner_that_readers_know_to_be_five_at_least_protects_no_three_by_itself() -> None:
    """Eight in two cells, one of them under five and one not: never four and four."""
    shown = protect(*table(48, 3, 5, 40), FIVE)
    assert (shown["c0"], shown["c2"]) == (None, None)


def test_what_only_a_shown_zero_gives_away_is_said_to_be_unsafe() -> None:
    whole: Relation = (("all", 1), ("a", -1), ("b", -1), ("z", -1))
    known_small = [Cell("all", 8, "shown"), Cell("a", 4), Cell("b", 4), Cell("z", 0)]
    assert suppress(known_small, [whole], FIVE).unsafe == {"a", "b"}
    difference: Relation = (("came", 1), ("went", -1))
    assert suppress([Cell("came", 0), Cell("went", 3)], [difference], FIVE).unsafe == {"went"}


def test_what_readers_could_know_before_is_no_reason_to_show_nothing() -> None:
    relation: Relation = (("all", 1), ("a", -1), ("b", -1))
    known = [Cell("all", 63, "shown"), Cell("a", 3), Cell("b", 60, "shown")]
    outcome = suppress(known, [relation], FIVE)
    assert outcome.hidden == {"a"}
    assert not outcome.unsafe


REGIONS = [f"{district}{number}" for district in "ABC" for number in range(1, 6)]


def random_table(seed: int) -> dict[tuple[str, str], int]:
    """Persons by commune and sex, with margins: districts by first letter, T the totals.

    No commune is small as a whole: τ-ARGUS takes zeros as known, and we hide those within a small whole.
    """
    rng = Random(seed)
    cells = {(region, sex): int(rng.expovariate(1 / 9)) for region in REGIONS for sex in "MF"}
    cells |= {(region, "M"): cells[region, "M"] + 5 for region in REGIONS if cells[region, "F"] < 5}
    found: dict[tuple[str, str], int] = {}
    for (region, sex), count in cells.items():
        for place in (region, region[0], "T"):
            for kind in (sex, "T"):
                found[place, kind] = found.get((place, kind), 0) + count
    return found


def our_pattern(cells: dict[tuple[str, str], int]) -> set[tuple[str, str]]:
    values = {"|".join(key): value for key, value in cells.items()}
    sums: list[tuple[str, list[str]]] = []
    for sex in "MFT":
        sums.append((f"T|{sex}", [f"{district}|{sex}" for district in "ABC"]))
        sums += [
            (f"{district}|{sex}", [f"{region}|{sex}" for region in REGIONS if region[0] == district])
            for district in "ABC"
        ]
    places = sorted({place for place, _ in cells})
    sums += [(f"{place}|T", [f"{place}|{sex}" for sex in "MF"]) for place in places]
    costs = {"|".join(key): 100.0 if len(key[0]) == 1 else 3.0 if key[1] == "T" else 1.0 for key in cells}
    shown = protect(values, sums, FIVE, costs)
    return {(place, sex) for (place, sex) in cells if shown[f"{place}|{sex}"] is None}


def argus(cells: dict[tuple[str, str], int], folder: Path, rule: str, suppression: str) -> Any:
    """The table as τ-ARGUS makes it from the single persons."""
    hierarchy = folder / "regions.hrc"
    hierarchy.write_text(
        "".join(f"{d}\n" + "".join(f"@{r}\n" for r in REGIONS if r[0] == d) for d in "ABC"), "utf-8"
    )
    persons = [
        (place, sex) for (place, sex), n in cells.items() if len(place) == 2 and sex != "T" for _ in range(n)
    ]
    micro = {"region": [p for p, _ in persons], "sex": [s for _, s in persons], "n": [1] * len(persons)}
    return argus_protect(
        micro,
        [["region", "sex"]],
        "n",
        safety_rules=rule,
        suppress=suppression,
        hrc={"region": str(hierarchy)},
        hierleadstring="@",
        totcode="T",
        workdir=str(folder / "work"),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tau_argus_finds_our_pattern_safe_and_its_own_is_not_much_smaller(seed: int, tmp_path: Path) -> None:
    cells = random_table(seed)
    ours = our_pattern(cells)
    theirs = argus(cells, tmp_path, "FREQ(5,100)", "OPT(1)")
    rows = theirs.tables[0].rows
    small = {key for key, value in cells.items() if 0 < value < 5}
    assert small <= ours
    # Our pattern, audited by τ-ARGUS: each hidden cell marked by hand, everything else safe.
    marks = tmp_path / "ours.hst"
    marks.write_text(
        "".join(
            f"{row['region']};{row['sex']};{'u' if (row['region'], row['sex']) in ours else 's'}\n"
            for row in rows
        ),
        "utf-8",
    )
    batch = (tmp_path / "work" / "batch.arb").read_text("utf-8").splitlines()
    kept = [
        line for line in batch if not line.startswith(("<SUPPRESS>", "<WRITETABLE>", "<SAFETYRULE>", "//"))
    ]
    kept.insert(kept.index("<READMICRODATA>"), '<SAFETYRULE> ""')
    judged = tmp_path / "judged.arb"
    judged.write_text("\n".join([*kept, f'<APRIORI> "{marks}",1,";",0,0']) + "\n", "utf-8")
    engine = Engine()
    engine.run_batch(judged)
    found = {
        (rows[entry["cell"]]["region"], rows[entry["cell"]]["sex"]): (entry["min"], entry["max"])
        for entry in engine.audit(0)
    }
    assert set(found) == {key for key in ours if cells[key] > 0}
    tight = {key: ends for key, ends in found.items() if ends[1] - ends[0] < FIVE.least}
    assert not tight
    own = {(row["region"], row["sex"]) for row in rows if row["status"] in ("U", "M")}
    assert len({key for key in ours if cells[key] > 0}) <= len(own) * 1.5

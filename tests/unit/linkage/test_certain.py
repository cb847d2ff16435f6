"""The rule of certain links against the independent oracle, on its own and where a list meets a register."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.forms import FORMS
from services.linkage import Groups, Number, Said, join_certain, joined_by
from services.matching.model import Ours, Theirs
from services.matching.persons import roll_of
from services.registry.index.domain.knowledge import NATIONAL, Observation, Token, TokenKind
from tests.unit.registry.histories import at, histories, ref
from tests.unit.registry.oracle import People, people_by_rule

HOURS = st.integers(0, 12)


def people_of(groups: Groups[Any], items: dict[UUID, Any]) -> People:
    """The groups of two and more, each as the references of its items."""
    found: dict[Any, set[UUID]] = defaultdict(set)
    for who, item in items.items():
        found[groups.find(item)].add(who)
    return frozenset(frozenset(group) for group in found.values() if len(group) > 1)


@settings(max_examples=250, deadline=None)
@given(histories(), HOURS)
def test_who_is_joined_at_a_moment_is_what_the_oracle_says(
    observations: list[Observation], hour: int
) -> None:
    known: dict[UUID, Observation] = {}
    for each in observations:
        rival = known.get(each.record_id)
        if each.recorded_at <= at(hour) and (rival is None or rival.sequence < each.sequence):
            known[each.record_id] = each
    carriers: dict[Token, list[UUID]] = defaultdict(list)
    for each in known.values():
        for token in each.tokens:
            assert each.ref is not None
            carriers[token].append(each.ref)
    groups: Groups[UUID] = Groups()
    said: dict[Token, dict[UUID, set[Said | None]]] = defaultdict(lambda: defaultdict(set))
    for each in known.values():
        for token in each.tokens:
            if token.kind in NATIONAL and each.ref is not None:
                said[token][each.ref].add(each.said)
    numbers = [
        Number(token.kind, token.id, refs, joined_by(said[token]).parts.values())
        for token, refs in carriers.items()
        if token.kind in NATIONAL
    ]
    names = sorted(token.id for token in carriers if token.kind not in NATIONAL)
    by_id = {token.id: refs for token, refs in carriers.items()}
    join_certain(groups, numbers, [(name, by_id[name]) for name in names])
    refs = {who: who for carried in carriers.values() for who in carried}
    assert people_of(groups, refs) == people_by_rule(observations, at(hour))


# Of each person: digits and number of the national ID, and which of a few names; what is not known is None.
PEOPLE = st.lists(
    st.tuples(st.sampled_from([None, (9, 1), (9, 2), (12, 1), (12, 2), (12, 3)]), st.integers(0, 3)),
    max_size=9,
)


@settings(max_examples=250, deadline=None)
@given(PEOPLE, st.data())
def test_a_list_and_a_register_meet_as_the_oracle_says(
    people: list[tuple[tuple[int, int] | None, int]], data: st.DataObject
) -> None:
    rows, records, observations = [], [], []
    for who, (number, name) in enumerate(people):
        values = {"full_name": f"Nguyễn Văn {'ABCD'[name]}", "birth_date": "1990-03-07", "sex": "male"}
        tokens = [Token(TokenKind.NAME_BIRTH_SEX, UUID(int=name))]
        if number is not None:
            digits, which = number
            # Of 12 digits only a number of this person's province, sex and year joins anybody.
            values["national_id"] = f"030090{which:06d}" if digits == 12 else f"{which:09d}"
            kind = TokenKind.NID12 if digits == 12 else TokenKind.NID9
            tokens.append(Token(kind, UUID(int=100 * digits + which)))
        observations.append(Observation(ref(who), 1, ref(who), tuple(tokens), at(0)))
        if data.draw(st.booleans()):
            rows.append(row(who, values))
        else:
            records.append(record(ref(who), values))
    roll = roll_of(FORMS["determination"], rows, records, ())
    nodes = {ref(number): node for number, node in roll.rows.items()} | roll.records
    assert people_of(roll.links, nodes) == people_by_rule(observations, at(0))


def row(number: int, values: dict[str, str]) -> Theirs:
    return Theirs(
        number=number,
        unit="facility:A",
        unit_named=False,
        key=str(number),
        first_key=str(number),
        shown_key=str(number),
        values=values,
        later_areas={},
        invalid={},
        faults=(),
        day=None,
        area=None,
        recorded_at=None,
        void=False,
        in_reach=True,
        in_area=True,
    )


def record(name: UUID, values: dict[str, str]) -> Ours:
    return Ours(
        record=name,
        unit="facility:A",
        key=str(name),
        person=None,
        text="{}",
        unseal=lambda: values,
        recorded_at=at(0),
        day=date(2023, 1, 1),
        area=None,
        voided=False,
        in_scope=True,
    )

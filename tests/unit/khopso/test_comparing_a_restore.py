"""When a restored stack is the same: what was handed in during the back-up explains a difference, and nothing else does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from deploy.backup import ORDER, Databases, Events, Evidence, Folded, Manifest, Outbox, ServiceDump
from khopso.comparing import Restored, chain_equal, differences
from tests.support.packs import PROVINCE_UID

T0 = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
LINKS = [{"number": 1, "entry_hash": "a"}, {"number": 2, "entry_hash": "b"}, {"number": 3, "entry_hash": "c"}]


def events(count: int, before: int | None = None, ids: str = "7", content: str = "9") -> Events:
    return Events(count=count, before=count if before is None else before, ids=ids, content=content)


def outboxes(**topics: Events) -> dict[str, Outbox]:
    """Four outboxes: 100 slips, 50 fires and 40 links, or what is given for ``determinations``, ``fires``, ``persons``."""
    return {
        "reporting": Outbox(last=0, topics={}),
        "registry": Outbox(last=40, topics={"registry.persons": topics.get("persons", events(40))}),
        "treatment": Outbox(
            last=100, topics={"treatment.determinations": topics.get("determinations", events(100))}
        ),
        "incidents": Outbox(last=50, topics={"incidents.fires": topics.get("fires", events(50))}),
    }


ROWS = {name: {"public.record": 90, "public.outbox": 100, "public.position": 7} for name in ORDER}


def answers(slips: int = 95, fires: int = 48, *, known: bool = False) -> list[dict[str, Any]]:
    asked = {"to": "2026-11-29"} | ({"known_at": T0.isoformat()} if known else {})
    return [
        {"figure": "determination.concluded", "asked": asked, "value": slips},
        {"figure": "fires.cases", "asked": asked, "value": fires},
    ]


def manifest(dumped: Mapping[str, Outbox], *, quiet: bool) -> Manifest:
    """A back-up whose figures were made of 100 slips and 50 fires and 40 links, of three closings two in the dump."""
    return Manifest(
        made_at=T0,
        version="0.3.0",
        province=PROVINCE_UID,
        generation=1,
        services={
            name: ServiceDump(file=f"{name}.dump", at=T0, rows=ROWS[name], outbox=dumped[name])
            for name in ORDER
        },
        evidence=Evidence(
            quiet=quiet,
            known_at=T0,
            folded={"determination": events(100), "fires": events(50)},
            links=outboxes()["registry"],
            figures=answers(),
            figures_known=answers(known=True),
            closings=2,
            chain_head="b",
        ),
        log_epochs={},
        office_key="k",
        files={},
    )


def restored(dumped: Mapping[str, Outbox], **changed: Any) -> Restored:
    databases = Databases(rows=ROWS, dumped=dumped, outboxes=dumped, folded=Folded())
    return replace(Restored(databases, LINKS[:2], answers(), answers(known=True)), **changed)


def words(made: Manifest, found: Restored) -> list[str]:
    return [one.en for one in differences(made, LINKS, found)]


LATER = outboxes(determinations=events(103, before=100), fires=events(52, before=50))
"""Three slips and two fires were handed in while the back-up was made."""


@pytest.mark.parametrize("quiet", [True, False])
def test_a_stack_as_it_was_is_the_same(quiet: bool) -> None:
    assert words(manifest(outboxes(), quiet=quiet), restored(outboxes())) == []


def test_rows_handed_in_meanwhile_explain_as_much_as_they_are() -> None:
    made = manifest(LATER, quiet=False)
    assert words(made, restored(LATER, figures=answers(98, 50))) == []
    # A withdrawal makes a figure smaller.
    assert words(made, restored(LATER, figures=answers(92, 46))) == []
    too_many, too_few = (words(made, restored(LATER, figures=answers(*two))) for two in ((99, 48), (95, 45)))
    assert len(too_many) == len(too_few) == 1
    assert "determination.concluded: 99, in the back-up 95; only 3 events" in too_many[0]
    assert "fires.cases: 45, in the back-up 48; only 2 events" in too_few[0]


def test_rows_of_one_form_do_not_explain_the_figure_of_another() -> None:
    slips = outboxes(determinations=events(200, before=100))
    (said,) = words(manifest(slips, quiet=False), restored(slips, figures=answers(100, 49)))
    assert "fires.cases: 49, in the back-up 48; only 0 events" in said


def test_what_was_known_before_the_back_up_began_must_be_exactly_equal() -> None:
    made = manifest(LATER, quiet=False)
    for other in (answers(94, known=True), answers(96, known=True)):
        (said,) = words(made, restored(LATER, known=other))
        assert "determination.concluded as known at 2026-11-29T03:00:00+00:00" in said
    # A row may come later and name an earlier time of record itself.
    late = outboxes(determinations=events(103, before=101))
    assert words(manifest(late, quiet=False), restored(late, known=answers(96, known=True))) == []
    assert words(manifest(late, quiet=False), restored(late, known=answers(97, known=True))) != []


def test_a_link_that_was_changed_or_withdrawn_meanwhile_explains_a_person_and_no_case() -> None:
    changed = outboxes() | {
        "registry": Outbox(last=41, topics={"registry.persons": events(41, before=40)}, relinked=1)
    }
    made = manifest(changed, quiet=False)
    assert words(made, restored(changed, known=answers(96, known=True))) == []
    assert len(words(made, restored(changed, known=answers(96, 49, known=True)))) == 1
    # A new link counts from its own time on, and changes nothing that was known before.
    new = changed | {"registry": changed["registry"].model_copy(update={"relinked": 0})}
    assert words(manifest(new, quiet=False), restored(new, figures=answers(94))) == []
    assert len(words(manifest(new, quiet=False), restored(new, known=answers(94, known=True)))) == 1


def test_where_nobody_handed_in_no_difference_is_explained() -> None:
    (said,) = words(manifest(LATER, quiet=True), restored(LATER, figures=answers(96)))
    assert "only 0 events" in said


@pytest.mark.parametrize("quiet", [True, False])
@pytest.mark.parametrize(
    ("topic", "other"),
    [
        ("fires", events(49)),
        ("fires", events(51)),
        ("fires", events(50, ids="8")),
        ("fires", events(50, content="8")),
        ("persons", events(39)),
    ],
)
def test_an_outbox_that_is_not_the_dumped_one_is_told(quiet: bool, topic: str, other: Events) -> None:
    found = restored(outboxes())
    found = replace(found, databases=replace(found.databases, dumped=outboxes(**{topic: other})))
    assert any(
        "are not those of the back-up" in said for said in words(manifest(outboxes(), quiet=quiet), found)
    )


@pytest.mark.parametrize("kind", ["lost", "foreign", "doubled"])
def test_events_that_reporting_lacks_invents_or_has_twice_are_named(kind: str) -> None:
    ids = tuple(UUID(int=number) for number in range(5))
    found = restored(LATER)
    found = replace(found, databases=replace(found.databases, folded=Folded(**{kind: ids})))
    (said,) = words(manifest(LATER, quiet=False), found)
    assert said.startswith("5 ")
    assert str(ids[0]) in said
    assert str(ids[4]) not in said


def test_lost_rows_of_what_is_kept_for_ever_are_told_and_others_come_and_go() -> None:
    found = restored(LATER)
    fewer = ROWS | {"treatment": {"public.record": 89, "public.outbox": 100}}
    found = replace(found, databases=replace(found.databases, rows=fewer))
    (said,) = words(manifest(LATER, quiet=False), found)
    assert said == "treatment: the table public.record has 89 rows, the back-up has 90"


@pytest.mark.parametrize(
    "links",
    [LINKS[:1], LINKS, [], [LINKS[0], LINKS[1] | {"entry_hash": "x"}]],
)
def test_the_chain_is_exactly_the_one_of_the_dump(links: list[dict[str, Any]]) -> None:
    made, found = manifest(LATER, quiet=False), restored(LATER, links=links)
    assert not chain_equal(made, LINKS, found)
    assert words(made, found) == ["The chain of closings is another one than in the back-up"]

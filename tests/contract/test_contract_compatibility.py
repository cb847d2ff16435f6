"""The breaking-change check: every kind of change is classified, and what is published now breaks nobody."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import compatibility
from tools.compatibility import Change, changes, committed, published, read_baseline, write_baseline

ROOT = Path(__file__).parents[2]
NOW = published()
TYPE = "incidents.fire.reported.v1"
TOPIC = "incidents.fires"
Mutation = Callable[[dict[str, Any]], object]


def data(state: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = state["schemas"][TYPE]["properties"]["data"]
    return schema


def fields(state: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = data(state)["properties"]
    return properties


def mutated(mutation: Mutation) -> list[Change]:
    state = copy.deepcopy(NOW)
    mutation(state)
    assert state != NOW, "the mutation changed nothing"
    return changes(NOW, state)


BREAKING: dict[str, Mutation] = {
    "required field removed": lambda s: (fields(s).pop("commune"), data(s)["required"].remove("commune")),
    "optional field removed": lambda s: fields(s).pop("out_at"),
    "field renamed": lambda s: fields(s).update(dead=fields(s).pop("deaths")),
    "new required field": lambda s: (fields(s).update(x={"type": "string"}), data(s)["required"].append("x")),
    "optional became required": lambda s: data(s)["required"].append("deaths"),
    "required became optional": lambda s: data(s)["required"].remove("place"),
    "type changed": lambda s: fields(s)["deaths"].update(type="string"),
    "may now be null": lambda s: fields(s).update(
        deaths={"anyOf": [fields(s)["deaths"], {"type": "null"}], "default": 0}
    ),
    "never null any more": lambda s: fields(s)["out_at"]["anyOf"].pop(),
    "format changed": lambda s: fields(s)["alarm_at"].update(format="date"),
    "pattern changed": lambda s: fields(s)["commune"].update(pattern="^[0-9]{5}$"),
    "bound narrowed": lambda s: fields(s)["deaths"].update(minimum=1),
    "bound widened": lambda s: fields(s)["deaths"].pop("maximum"),
    "text shortened": lambda s: fields(s)["place"].update(maxLength=10),
    "default changed": lambda s: fields(s)["counts_as_case"].update(default=False),
    "list items changed": lambda s: fields(s)["responders"]["items"].update(type="integer"),
    "closed to unknown fields": lambda s: data(s).update(additionalProperties=False),
    "envelope attribute removed": lambda s: s["schemas"][TYPE]["properties"].pop("causationid"),
    "classification value removed": lambda s: s["schemas"][TYPE]["properties"]["dataclassification"][
        "enum"
    ].remove("public"),
    "classification value added": lambda s: s["schemas"][TYPE]["properties"]["dataclassification"][
        "enum"
    ].append("secret"),
    "free text became a list": lambda s: fields(s)["place"].update(enum=["dwelling"]),
    "constant changed": lambda s: fields(s)["form"].update(const="fire"),
    "type removed": lambda s: s["schemas"].pop(TYPE),
    "type removed from its topic": lambda s: s["topics"][TOPIC]["types"].remove(TYPE),
    "topic removed": lambda s: s["topics"].pop(TOPIC),
    "partitions changed": lambda s: s["topics"][TOPIC].update(partitions=8),
}
ADDITIVE: dict[str, Mutation] = {
    "new optional field": lambda s: fields(s).update(hydrants={"type": "integer", "default": 0}),
    "new optional envelope attribute": lambda s: s["schemas"][TYPE]["properties"].update(
        tracestate={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    ),
    "new type": lambda s: s["schemas"].update({"incidents.fire.reopened.v1": s["schemas"][TYPE]}),
    "new type on a topic": lambda s: s["topics"][TOPIC]["types"].append("incidents.fire.reopened.v1"),
    "new version of a type": lambda s: s["schemas"].update(
        {"incidents.fire.reported.v2": {"type": "object", "properties": {}}}
    ),
    "new topic": lambda s: s["topics"].update({"incidents.floods": {"partitions": 4, "types": []}}),
}


@pytest.mark.parametrize("name", BREAKING)
def test_breaking_change_is_refused(name: str) -> None:
    assert any(change.breaking for change in mutated(BREAKING[name])), name


@pytest.mark.parametrize("name", ADDITIVE)
def test_additive_change_is_reported_and_allowed(name: str) -> None:
    found = mutated(ADDITIVE[name])
    assert found
    assert [str(change) for change in found if change.breaking] == []


def test_nothing_changed_is_nothing_to_report() -> None:
    assert changes(NOW, copy.deepcopy(NOW)) == []


def test_a_list_grows_only_where_it_is_named_as_open() -> None:
    state = copy.deepcopy(NOW)
    state["schemas"][TYPE]["properties"]["dataclassification"]["enum"].append("secret")
    path = f"{TYPE}/dataclassification"
    assert [change.breaking for change in changes(NOW, state)] == [True]
    assert [change.breaking for change in changes(NOW, state, frozenset({path}))] == [False]
    state["schemas"][TYPE]["properties"]["dataclassification"]["enum"].remove("public")
    assert any(change.breaking for change in changes(NOW, state, frozenset({path})))


def test_words_for_readers_may_change() -> None:
    schema = {"type": "object", "title": "A", "description": "old", "properties": {"x": {"type": "string"}}}
    reworded = {**schema, "title": "B", "description": "new", "examples": [{}]}
    before = compatibility.reduced({"t.v1": schema}, {})
    assert changes(before, compatibility.reduced({"t.v1": reworded}, {})) == []


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_going_back_on_any_addition_breaks(draw: st.DataObject) -> None:
    names = draw.draw(st.lists(st.sampled_from(sorted(ADDITIVE)), min_size=1, unique=True))
    state = copy.deepcopy(NOW)
    for name in names:
        ADDITIVE[name](state)
    assert not any(change.breaking for change in changes(NOW, state))
    assert any(change.breaking for change in changes(state, NOW))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(NOW["schemas"])), st.data())
def test_losing_any_field_of_any_event_breaks(name: str, draw: st.DataObject) -> None:
    state = copy.deepcopy(NOW)
    properties = state["schemas"][name]["properties"]["data"]["properties"]
    field = draw.draw(st.sampled_from(sorted(properties)))
    del properties[field]
    assert Change(f"{name}/data/{field}", "the field is gone", breaking=True) in changes(NOW, state)


def test_what_is_published_now_breaks_neither_the_baseline_nor_the_last_commit() -> None:
    baseline = read_baseline(ROOT)
    assert baseline is not None
    for before in (baseline, committed(ROOT)):
        if before is not None:
            assert [str(change) for change in changes(before, NOW) if change.breaking] == []


def test_baseline_names_everything_that_is_published() -> None:
    baseline = read_baseline(ROOT)
    assert baseline is not None
    missing = [str(change) for change in changes(baseline, NOW) if not change.breaking]
    assert missing == [], "run `python -m tools.compatibility --accept`"


def test_last_commit_is_read_back_as_it_was_published() -> None:
    last = committed(ROOT)
    if last is None:
        assert not (ROOT / ".git").exists()
    else:
        assert last["schemas"].keys() >= {"registry.record.registered.v1", "khopso.submission.v1"}
        assert last["topics"]["registry.records"]["partitions"] == 4
    assert committed(ROOT, "no-such-revision") is None


def test_command_refuses_to_accept_a_breaking_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copy.deepcopy(NOW)
    fields(before)["sirens"] = {"type": "integer", "default": 0}
    write_baseline(tmp_path, before)
    assert compatibility.main(["--accept"], tmp_path) == 1
    assert f"BREAKING: {TYPE}/data/sirens: the field is gone" in capsys.readouterr().out
    assert read_baseline(tmp_path) == before
    write_baseline(tmp_path, NOW)
    assert compatibility.main([], tmp_path) == 0
    monkeypatch.setattr(compatibility, "published", lambda: before)
    assert compatibility.main(["--accept"], tmp_path) == 0
    assert read_baseline(tmp_path) == before

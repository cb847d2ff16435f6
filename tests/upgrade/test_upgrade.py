"""The way up from every release: its databases, today's services, the same figures."""

from typing import Any

import httpx

from proof import check_chain, check_closing, check_rows, public_key
from services.reporting.facts.shape import shape
from tests.support.stack.parts import wait_for
from tests.upgrade.conftest import OUTSIDER, Upgraded, ask, live
from tests.upgrade.differences import CORRECTED, differing, plain

_OFFICIAL = ("committee:30", "official")


def different(upgraded: Upgraded, kind: str, answers: dict[str, Any]) -> dict[str, list[str]]:
    """Where these answers of today are not those of the release, by question."""
    before = upgraded.release.answers[kind]
    found = {
        question: differing(plain(before[question], question), plain(answer, question))
        for question, answer in answers.items()
    }
    corrected = CORRECTED.get(upgraded.release.tag, {})
    return {
        question: differences
        for question, differences in found.items()
        if differences and question.split(" ")[0] not in corrected
    }


def rebuilt(upgraded: Upgraded) -> None:
    """Wait until figures are kept in today's shape and everything is in them."""
    wait_for(lambda: live(upgraded.province)[1] == shape(), 400, "figures are rebuilt in today's shape")
    upgraded.province.settled(300)


def test_the_old_generation_answers_while_it_is_rebuilt(upgraded: Upgraded) -> None:
    assert len(upgraded.early) > 0
    assert different(upgraded, "figures", upgraded.early) == {}
    assert upgraded.readiness["degraded"] == ["figures of an older generation"] * upgraded.outdated


def test_figures_are_what_they_were(upgraded: Upgraded) -> None:
    rebuilt(upgraded)
    assert live(upgraded.province)[0] == upgraded.generation + upgraded.outdated
    before = upgraded.release.answers["figures"]
    assert len(before) > 1_000
    assert (
        different(upgraded, "figures", {question: ask(upgraded.province, question) for question in before})
        == {}
    )


def test_protected_numbers_are_what_was_released(upgraded: Upgraded) -> None:
    rebuilt(upgraded)
    token = upgraded.province.issuer.mint(*OUTSIDER)
    answers = {
        question: ask(upgraded.province, question, token)
        for question in upgraded.release.answers["protected"]
    }
    assert different(upgraded, "protected", answers) == {}


def test_closings_are_as_they_were_sealed_and_can_be_replayed(upgraded: Upgraded) -> None:
    rebuilt(upgraded)
    token = upgraded.province.issuer.mint(*_OFFICIAL, "30")
    before = upgraded.release.answers["closings"]
    answers = {place: ask(upgraded.province, place, token) for place in before}
    key = upgraded.release.closing_key if before else b""
    for place, answer in answers.items():
        if place.endswith("/chain"):
            assert check_chain(answer, public_key(key)) == []
        elif place.endswith("/replay"):
            assert answer["equal"], answer["different"][:5]
        elif not place.endswith("/revisions"):
            assert check_closing(answer, public_key(key)) == []
    assert different(upgraded, "closings", answers) == {}


def test_the_audit_of_reads_goes_on_in_its_chains(upgraded: Upgraded) -> None:
    rebuilt(upgraded)
    with httpx.Client(
        headers={"authorization": f"Bearer {upgraded.province.issuer.mint('committee:30', 'admin')}"},
        trust_env=False,
    ) as client:
        for chain in range(4):
            rows: list[Any] = []
            after: int | None = 0
            while after is not None:
                params = {"chain": chain, "after": after}
                page = client.get(f"{upgraded.province.url('reporting')}/v1/audit", params=params).json()
                rows += page["rows"]
                after = page["next"]
            assert list(check_rows(rows)) == []


def test_who_follows_a_figure_goes_on_following(upgraded: Upgraded) -> None:
    rebuilt(upgraded)
    token = upgraded.province.issuer.mint(*_OFFICIAL, "30")
    follows = upgraded.release.answers.get("follows", {"follows": []})
    assert ask(upgraded.province, "/v1/follows", token) == follows

"""What was reckoned lately: what is asked for stays, what is not makes room, and one large list does not stay out."""

from services.registers.duties.keeping import Kept


def test_what_was_not_asked_for_longest_makes_room() -> None:
    kept = Kept[str](10)
    kept.put("a", "A", 4)
    kept.put("b", "B", 4)
    assert kept.get("a") == "A"
    kept.put("c", "C", 4)
    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]


def test_what_is_kept_again_counts_once_and_what_is_too_large_is_kept_alone() -> None:
    kept = Kept[str](10)
    for _ in range(5):
        kept.put("a", "A", 4)
    kept.put("b", "B", 6)
    assert [kept.get(key) for key in "ab"] == ["A", "B"]
    kept.put("c", "C", 11)
    assert [kept.get(key) for key in "abc"] == [None, None, "C"]

"""When the outcome of an arrest is decided."""

DECIDED = frozenset({"prosecuted", "administrative", "released"})


def is_decided(outcome: str | None) -> bool:
    """Whether the outcome stands: a blank or `pending` one does not."""
    return outcome in DECIDED

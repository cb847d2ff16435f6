"""How a methadone episode ends (decree 90/2016/NĐ-CP; 141/2024/NĐ-CP)."""

TRANSFERRED = "transferred"


def ending(end_reason: str | None) -> str:
    """What an end reports: a transfer is a leaving here and, by the receiving site's own row, an entering there."""
    return TRANSFERRED if end_reason == TRANSFERRED else "left"


def transfer_is_told(end_reason: str | None, transferred_to: str | None) -> bool:
    """A receiving site makes sense only of a transfer; a transfer without a named site is a finding, no fault."""
    return transferred_to is None or end_reason is None or end_reason == TRANSFERRED

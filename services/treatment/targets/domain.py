"""Which figures can be assigned as a target."""


def can_be_assigned(kind: str, code: str) -> bool:
    """Only what is counted: no ratio, and not the target figures themselves (they read these rows)."""
    return kind != "ratio" and not code.endswith("_target")

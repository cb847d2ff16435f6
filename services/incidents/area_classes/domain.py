"""Which classes a scheme has."""

from reference import SCHEME_CLASSES


def classes_of(scheme: str) -> frozenset[str]:
    """The classes of a scheme; none of an unknown one."""
    return SCHEME_CLASSES.get(scheme, frozenset())

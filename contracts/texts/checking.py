"""Texts about cross-agency and arithmetic checks."""

TEXTS: dict[str, tuple[str, str]] = {}

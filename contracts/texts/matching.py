"""Texts about lists matched against the log."""

TEXTS: dict[str, tuple[str, str]] = {}

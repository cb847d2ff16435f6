"""Texts about closing, revising, verifying."""

TEXTS: dict[str, tuple[str, str]] = {}

"""Texts about interfaces for machines."""

TEXTS: dict[str, tuple[str, str]] = {}

"""Texts about calendars, geographies and versions of definitions."""

TEXTS: dict[str, tuple[str, str]] = {}

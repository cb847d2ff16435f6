"""Texts about printed reports."""

TEXTS: dict[str, tuple[str, str]] = {}

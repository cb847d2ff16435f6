"""Texts about reconciliation of declared figures."""

TEXTS: dict[str, tuple[str, str]] = {}

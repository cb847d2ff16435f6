"""Texts about disclosure control and the audit of reads."""

TEXTS: dict[str, tuple[str, str]] = {}

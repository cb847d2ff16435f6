"""Texts of single features, merged into the one catalogue by ``texts.messages``."""

"""Methadone episodes."""

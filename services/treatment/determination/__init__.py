"""Determination slips."""

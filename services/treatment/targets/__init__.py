"""Assigned targets."""

"""Figures that agencies declare by hand."""

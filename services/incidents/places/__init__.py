"""Watched venues and hot spots."""

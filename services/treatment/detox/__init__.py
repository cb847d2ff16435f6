"""Detox episodes with their stages."""

"""Persons arrested."""

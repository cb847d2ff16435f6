"""Normalised identity, linkage keys and the rules by which records are one person. Pure."""

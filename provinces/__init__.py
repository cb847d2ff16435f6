"""Province packs: everything that is one province's and not the nation's, as data (docs/province-pack.md)."""

DEFAULT = "hai-duong"
"""The pack of a process to which ``KHOPSO_PROVINCE`` names no other."""

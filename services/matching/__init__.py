"""Matching an agency's own list with the register: in both, only theirs, only ours, different, and why.

Nothing of a list is stored. Steps: `http` reads the request, `usecase` loads, `pairing` finds which row is which
record, `persons` who is whom, `compare` what differs, `reasons` why.
"""

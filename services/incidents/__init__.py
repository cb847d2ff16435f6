"""Fires, drug cases, arrests, conflicts, watched places, classes of communes."""

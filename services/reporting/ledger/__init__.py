"""The hand-in ledger: which unit has handed in which register for a period, how late, and what is missing."""

"""Measurements: ratios taken in one run, printed as one table. Gates nothing."""

"""Reporting: every figure as a computation over the log, as of any day, as known at any instant."""

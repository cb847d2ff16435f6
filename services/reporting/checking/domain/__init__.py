"""Stocks and flows: pure."""

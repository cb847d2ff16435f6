"""Fixtures of every suite."""

pytest_plugins = ["tests.support.fixtures"]

"""Closed periods: frozen figures, their chain of hashes, what changed since, editions."""

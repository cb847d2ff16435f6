"""The province pack: what is one province's and not the nation's, read from ``provinces/`` and checked."""

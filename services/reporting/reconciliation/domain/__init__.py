"""Pure: the waterfall, what changed between two instants of knowledge, which declaration is meant."""

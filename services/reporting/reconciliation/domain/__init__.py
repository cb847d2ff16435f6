"""Pure functions: the waterfall, the change of a record between two instants, and the choice of a declaration."""

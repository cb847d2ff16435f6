"""Pure rules of the person index."""

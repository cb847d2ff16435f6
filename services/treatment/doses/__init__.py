"""Daily doses."""

"""The list of facilities."""

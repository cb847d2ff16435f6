"""Community conflicts."""

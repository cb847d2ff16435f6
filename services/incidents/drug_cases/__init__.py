"""Drug cases."""

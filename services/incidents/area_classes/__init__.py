"""Classes of communes."""

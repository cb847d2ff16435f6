"""A service in miniature, on which the chassis is tested."""

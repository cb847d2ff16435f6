"""The person index: which references of which services are the same human being, and since when that is known."""

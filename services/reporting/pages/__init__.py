"""The official's room: pages that show figures, hand-ins and checks, by the same use cases and rights as the API."""

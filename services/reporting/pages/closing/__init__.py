"""The closing desk: what stands against closing a period, the closing itself, its editions, and proofs of them."""

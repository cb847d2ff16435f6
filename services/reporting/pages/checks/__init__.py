"""The board of checks: what each finds, its lines, and marks on them."""

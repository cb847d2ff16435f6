"""Pure projections: the versions of a record (or of a timeline's records) → rows with both times on them."""

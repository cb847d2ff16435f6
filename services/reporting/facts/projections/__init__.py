"""Pure projections: make rows with valid time and record time from the versions of a record, or of a timeline's records."""

"""Which facilities and clinicians there are on a day: read by determinations and by the scope of units."""

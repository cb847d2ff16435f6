"""Facilities and clinicians, determinations, methadone, doses, detox, post-detox, targets."""

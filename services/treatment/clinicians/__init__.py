"""The list of clinicians who may conclude determinations."""

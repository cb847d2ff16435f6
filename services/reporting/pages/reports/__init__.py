"""The room of reports: which wait, and one report with its figures, its texts and what becomes of it."""

"""The register of users and addicts: rows of a person's timeline, kept and published."""

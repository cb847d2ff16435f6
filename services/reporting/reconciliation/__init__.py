"""What an agency declared against what the log says: the difference, step by step."""

"""Register files: reading, matching headers, handing in, error workbooks, templates."""

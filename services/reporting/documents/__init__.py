"""Reports as the users know them: figures composed into official documents and workbooks.

``catalogue`` says what each report holds, as data; ``planning`` which numbers that needs; ``usecases`` gets them;
``compose`` makes the ``document``; the ``render_…`` modules write it in five formats.
"""

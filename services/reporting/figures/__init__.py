"""Figures: what each one counts (``definitions``), asked (``questions``), computed (``evaluate``), answered (``answer``)."""

"""Cells: what most questions ask about what is known now, added up beforehand, and exact at every moment.

``series`` (what is added up), ``places`` (for which areas), ``statements`` (the one definition in SQL),
``keeping`` and ``keeper`` (filling, and keeping current), ``answers`` (reading).
"""

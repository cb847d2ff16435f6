"""Cells: what most questions ask about what is known now, added up beforehand, and exact at every moment.

In SQL: ``subjects`` (whose rows) → ``contributions`` (what each row adds) → ``sums`` (to which node on which day).
``series`` says what is added up, ``places`` for which areas, ``slots`` in which stretches of time. ``statements`` and
``maintenance`` fill and maintain, ``maintainer`` is the loop that does; ``reads`` and ``answers`` read.
"""

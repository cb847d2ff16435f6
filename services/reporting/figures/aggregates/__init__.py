"""Pre-aggregates (số gộp sẵn): sums that most questions about present knowledge need, exact at every moment.

A *cell* is one stored sum: of one series (a figure), one area set and one time bucket (day, month or year).
In SQL: ``subjects`` (whose rows) → ``contributions`` (what each row adds) → ``sums`` (to which area set on which day).
``series`` says what is added up, ``places`` for which areas, ``buckets`` in which stretches of time. ``statements`` and
``maintenance`` fill and maintain, ``maintainer`` is the loop that does; ``reads`` and ``answers`` read.
"""

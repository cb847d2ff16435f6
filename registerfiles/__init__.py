"""Registers in files and pasted tables: which rows they hold, what is wrong with their cells, and how their columns are read.

Whoever hands a register in reads it by this package: the command line a file, a page of the desk what was pasted or dropped.
"""

"""The demonstration province of 2023: register files of an invented population.

The totals that the files add up to are the published ones (`reference/data/figures-2023.csv`); every person,
number, name and place record in them is invented (see `people.py`). Only this package knows the totals: the files
go through the same import path as anyone's, and the services compute.
"""

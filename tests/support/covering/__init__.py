"""Coverage at a tenth of its price: modules are compiled with marks that note what is passed.

On Python 3.11 coverage.py follows a program with a trace function. That slows all of it down, libraries most, by half and more. Here
the measured modules alone are compiled anew, with an assignment before each statement and at both ends of each branch
(`marking`); `plugin` does that in the processes of pytest and writes down what was passed; ``python -m tests.support.covering``
hands it to coverage.py (`handing`), which knows lines and branches, counts, and reports. Processes that tests start are followed by coverage.py itself.
"""

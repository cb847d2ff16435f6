"""Checks that need no declaration: registers against each other, stocks against flows, tables against themselves."""

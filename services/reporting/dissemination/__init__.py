"""Figures for machines: data queries in the manner of SDMX REST, DHIS2, ADX and CSV, and telling who follows a figure."""

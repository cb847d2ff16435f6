"""Figures for other programs: data queries in the manner of SDMX REST, answered as SDMX-CSV, DHIS2, ADX or JSON."""

"""Reference data of the nation and the province, and its readers: areas, calendars, figures, units, code lists."""

"""The command line: a client of the services' public HTTP APIs, and of the local supervisor for `up` and `down`."""

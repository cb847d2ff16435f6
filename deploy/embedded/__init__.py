"""The embedded stack: PostgreSQL, a broker, a token issuer and the services, supervised by one process."""

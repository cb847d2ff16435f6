"""What every service stands on: settings, database, outbox, relay, consuming, HTTP, auth, crypto, running."""

"""How the system runs: embedded stack, Apache Kafka without Docker, container image, demonstration data."""

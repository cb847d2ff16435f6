"""The services; they meet only in `contracts` and on Kafka."""

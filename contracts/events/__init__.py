"""Event models, one module per owner; ``contracts.catalogue`` lists them all."""

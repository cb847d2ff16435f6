"""What is generated from the contracts: JSON Schemas, AsyncAPI, OpenAPI and the reference pages."""

"""How the reference page shows what the OpenAPI document says."""

"""Event logs, and the inputs of a service desk fitted to them."""

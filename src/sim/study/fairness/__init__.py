"""Which groups of officers gain, and which are harmed."""

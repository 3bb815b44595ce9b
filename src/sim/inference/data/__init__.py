"""Read data, refuse personal data, suppress small groups, check what goes into a model."""

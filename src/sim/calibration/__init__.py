"""Fit the status quo to what is published, and check that the burn-in is long enough."""

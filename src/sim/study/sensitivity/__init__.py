"""Which parameters decide between policies."""

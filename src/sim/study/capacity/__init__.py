"""The smallest dose of a lever that brings an outcome to target."""

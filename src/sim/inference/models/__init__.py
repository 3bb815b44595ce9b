"""Statistical models that the other wings share: mixed, crossed, ordinal, cluster-robust."""

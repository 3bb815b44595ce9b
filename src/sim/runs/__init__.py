"""One run and many: simulate, replicate on all cores or on a cluster, keep finished runs, identify results."""

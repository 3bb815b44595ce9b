"""Which policy is regretted least over futures."""

"""Did it work? Trials, panels, matching, interrupted series and survival."""

"""The digital twin: an event log becomes an agency, which is checked against the log, and trials are planned in it."""

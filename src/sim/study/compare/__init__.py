"""Compare policies on an agency with common random numbers."""

"""Ratings: severity, reliability, agreement, generalisability, compliance."""

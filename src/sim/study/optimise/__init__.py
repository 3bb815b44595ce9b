"""Mixes of levers under a budget that no other mix beats."""

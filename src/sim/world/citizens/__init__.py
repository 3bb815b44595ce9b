"""Citizens: how satisfied they are with what they experienced, and who is asked."""

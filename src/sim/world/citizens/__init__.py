"""What citizens experience, what they answer, and who is asked."""

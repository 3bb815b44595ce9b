"""Languages: labels, numbers, dates and error texts in Indonesian and English."""

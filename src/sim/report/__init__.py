"""What every page and figure is built from: estimates, sentences, figure style, templates."""

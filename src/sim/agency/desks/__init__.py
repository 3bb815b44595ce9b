"""The desks of service units: when they are open, who is on duty, and how work varies."""

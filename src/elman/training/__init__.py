"""The loop and what consumes its records."""

"""From scores to sequences, in NumPy."""

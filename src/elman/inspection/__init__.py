"""What a network holds and how it learns: gradients, gates, memory, curves. Needs torch."""

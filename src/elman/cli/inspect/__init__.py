"""What a network holds and how it learns; each part has its own help."""

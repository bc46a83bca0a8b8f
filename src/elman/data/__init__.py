"""What a labelled text is, and how it comes in and goes out."""

"""Tokens and sentences with exact offsets."""

"""Prediction without torch."""

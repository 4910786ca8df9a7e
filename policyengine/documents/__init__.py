"""Texts of inputs as values, with the positions of keys and values."""

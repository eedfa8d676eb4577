"""Seals and opens tokens, and changes the keys that do so."""

"""Measurements; nothing here passes or fails. `make bench` prints them all."""

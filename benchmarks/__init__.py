"""Measures Anju beside the raw floor, in one run, on the same PostgreSQL."""

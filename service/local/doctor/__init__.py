"""Examines an installation: each finding says what it saw and what cures it."""

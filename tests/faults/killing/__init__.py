"""Ends real processes at every point of every command and job (PROOF F01, F02, F04, F07)."""

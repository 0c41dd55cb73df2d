"""Attacks of PROOF.md section 11 on a running server: `python -m tests.attacks` shows a table."""

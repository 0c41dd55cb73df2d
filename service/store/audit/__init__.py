"""Checks stored histories against the invariants, sharing no code with what wrote them."""

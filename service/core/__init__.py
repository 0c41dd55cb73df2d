"""Vocabulary: pure, without I/O."""

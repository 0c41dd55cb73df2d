"""Replays recorded requests: a file and its map become orders, through the same commands."""

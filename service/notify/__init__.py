"""From topic to people to channel: the relay fans out, the sender delivers."""

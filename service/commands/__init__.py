"""All writes. Each command is frozen data and one transaction."""

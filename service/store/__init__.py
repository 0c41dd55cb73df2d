"""PostgreSQL, and nothing that decides."""

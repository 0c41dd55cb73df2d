"""Workers and ticker: Redis rings, rows decide. A job carries nothing but its name."""

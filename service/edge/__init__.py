"""What both HTTP front doors share: who calls, how it is read, how it is refused."""

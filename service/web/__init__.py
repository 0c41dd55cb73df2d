"""Pages for people: drawn on the server, working without JavaScript."""

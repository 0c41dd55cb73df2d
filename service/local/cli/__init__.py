"""The `anju` command: thin modules, one for each group of commands, over `session`."""

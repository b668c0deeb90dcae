"""Who does the thinking: our own loop, or another program."""

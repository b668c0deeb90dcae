"""Revisions, oldest first by number. Each says the tables as they were then, in full."""

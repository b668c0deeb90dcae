"""Which hosts set-up needs, by the repository's files and by this machine's own settings, and what
of those settings set-up is given. Nothing here is allowed; it is proposed."""

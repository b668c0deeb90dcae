"""What is looked up once and kept: the store, how a page is fetched and read, documentation of
installed packages, who searches. Hostile input: nothing of it is more than data."""

"""The schema's history. One file a revision in `versions`; a released one is never edited."""

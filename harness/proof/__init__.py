"""Whether every part of a change matters: its parts, each taken out or altered, and what is odd
about it. Pure; the runs are `pipeline/proof`'s."""

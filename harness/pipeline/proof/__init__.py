"""Whether every part of a change matters, asked by running its tests without it. No agent takes
part; what was not tried is said."""

"""A command with a mistake in it, for the frame to catch."""


def crash() -> None:
    print(1 // 0)

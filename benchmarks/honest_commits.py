"""The eight projects whose bug fixes are played, and by which words their subjects say so."""

from __future__ import annotations

from benchmarks.honest_history import Project

OLDER_PYTEST = '"$HARNESS_ENV/venv"/bin/python -m pip install --quiet "pytest<9"'
PROJECTS = (
    Project("mahmoud/boltons", "boltons/", 3),
    # the newest pytest does not collect what was written for the one before it
    Project("pallets/click", "src/click/", 2, setup=(OLDER_PYTEST,)),
    Project("andialbrecht/sqlparse", "sqlparse/", 3),
    Project("more-itertools/more-itertools", "more_itertools/", 2),
    Project("tkem/cachetools", "src/cachetools/", 2, since="2021-01-01"),
    Project("python-humanize/humanize", "src/humanize/", 3, since="2021-01-01"),
    Project("hynek/structlog", "src/structlog/", 3),
    # its squashed pull requests are named for what is right now, seldom for what was wrong
    Project(
        "tj/commander.js",
        "lib/",
        2,
        since="2022-01-01",
        words=r"\b(fix(es|ed)?|bug|regression|restore|should|trim|make|copy)\b",
    ),
)
B = {project.short: project for project in PROJECTS}
CHOSEN = (
    (B["boltons"], "ec1ff9f672"),
    (B["boltons"], "c1c25da365"),
    (B["boltons"], "f1034b07dd"),
    (B["click"], "07c909f23f"),
    (B["click"], "bec59289d8"),
    (B["sqlparse"], "f66d12c245"),
    (B["sqlparse"], "111b35cffc"),
    (B["sqlparse"], "8f978caa7c"),
    (B["more-itertools"], "d992be0de9"),
    (B["more-itertools"], "f51a53bfd2"),
    (B["cachetools"], "18e5930ced"),
    (B["cachetools"], "57d2e4813d"),
    (B["humanize"], "823ad6096e"),
    (B["humanize"], "a47a89ea91"),
    (B["humanize"], "38c99686b9"),
    (B["structlog"], "ba04ac2752"),
    (B["structlog"], "de3dfc8dce"),
    (B["structlog"], "c44431c544"),
    (B["commander.js"], "63eed4aa05"),
    (B["commander.js"], "68199e64b3"),
)
"""Twenty, the newest of each that `--choose` finds."""

"""The public projects of the table, by name and version alone: releases from an index, histories
that whoever runs the table has cloned."""

from __future__ import annotations

from dataclasses import dataclass

from tests.real.machine import History
from tests.real.sources import Source


@dataclass(frozen=True)
class Chosen:
    """One row. `kind` is what makes it unlike the others."""

    project: Source | History
    kind: str
    least: int = 0
    """How many tests pass at least."""

    @property
    def short(self) -> str:
        """The name a checkout of it has."""
        return self.project.name.rpartition("/")[2]

    @property
    def at(self) -> str:
        """Its version or commit."""
        return self.project.commit if isinstance(self.project, History) else self.project.version

    @property
    def named(self) -> str:
        """What it is called among all rows."""
        return self.short if isinstance(self.project, History) else f"{self.short}-release"


LISTED = (
    Chosen(History("mahmoud/boltons", "967864f"), "Python, pytest"),
    Chosen(History("tkem/cachetools", "28d4506"), "Python, unittest by tox"),
    Chosen(History("pallets/click", "2c8cd3ac"), "Python, uv, tox"),
    Chosen(History("tj/commander.js", "ba6d13dd"), "JavaScript, npm"),
    Chosen(History("python-humanize/humanize", "c3a124c"), "Python, hatch, version by tag"),
    Chosen(History("more-itertools/more-itertools", "2fe1b2e"), "Python, unittest"),
    Chosen(History("un33k/python-slugify", "7b6d5d9"), "Python, unittest"),
    Chosen(History("andialbrecht/sqlparse", "60cdc64"), "Python, hatch"),
    Chosen(History("hynek/structlog", "025edaf"), "Python, tox, version by tag"),
    Chosen(History("iamkun/dayjs", "0f6c19e3"), "JavaScript, jest with coverage"),
    Chosen(History("jazzband/django-taggit", "e7a5379"), "Django app"),
    Chosen(History("fastify/fast-uri", "c6a74bf"), "JavaScript, no lock file"),
    Chosen(History("immerjs/immer", "061c242"), "TypeScript, yarn"),
    Chosen(History("reduxjs/redux-thunk", "184205d"), "TypeScript, yarn 4"),
    Chosen(History("colinhacks/zod", "e516c3baf"), "TypeScript, pnpm workspace, vitest"),
    Chosen(History("microsoft/kiota-python", "8c6d475"), "Python, monorepo, poetry"),
    Chosen(History("aio-libs/multidict", "41c1b914"), "Python, compiled extension"),
    Chosen(History("psf/requests", "1f6589ec"), "Python, local servers"),
    Chosen(History("python-poetry/tomlkit", "d8ed1e3"), "Python, poetry, a submodule"),
    Chosen(History("wagtail/wagtail", "c2ae43b926"), "Django, large"),
    Chosen(
        History("django-json-api/django-rest-framework-json-api", "5f7bdab"),
        "Django app, pinned tools",
    ),
)
"""Tried before; where they stood then says docs/real-projects.md."""
FROZEN = (
    Chosen(History("pallets/flask", "2ac89889"), "Python, web framework, uv"),
    Chosen(History("Textualize/rich", "42899d8a"), "Python, poetry"),
    Chosen(History("frostming/marko", "0fa0b29"), "Python, pdm"),
    Chosen(History("mkdocs/mkdocs", "28625367"), "Python, hatch environments"),
    Chosen(History("carltongibson/django-filter", "ec717ea1"), "Django app"),
    Chosen(History("ljharb/qs", "3a890d4"), "JavaScript, tape"),
    Chosen(History("sindresorhus/p-map", "bc26cf0"), "JavaScript, ava"),
    Chosen(History("expressjs/express", "a3714473"), "JavaScript, web framework, mocha"),
    Chosen(History("unjs/ufo", "11308c0"), "TypeScript, pnpm, vitest"),
    Chosen(History("micromark/micromark", "774a70c"), "JavaScript, npm workspaces, node:test"),
    Chosen(History("DaveGamble/cJSON", "a29814f"), "C, CMake"),
    Chosen(History("gorilla/mux", "db9d1d0"), "Go"),
)
"""Chosen, and committed, before harness had seen any of them."""
RELEASES = (
    Chosen(
        Source(
            "python",
            "sqlparse",
            "0.6.1",
            "ca722573f848ff2d30e40ea30f53a104b7dea7635ea9285891263eb2c58fb6e7",
        ),
        "Python release, hatch, a workflow",
        400,
    ),
    Chosen(
        Source(
            "python",
            "markupsafe",
            "3.0.4",
            "2e9ad7dd851bf45fab9f75cbff4cb493fee9979e8d8c7c9c3ee119022518edd6",
        ),
        "Python release, compiled extension",
        70,
    ),
    Chosen(
        Source(
            "node",
            "fast-uri",
            "4.2.4",
            "09da5831be009707e2459d49e749734dd52ec5dd18c7ddc5839f8e1dcdccdf56",
        ),
        "JavaScript release, node:test",
        100,
    ),
)
"""Those that the suite `real` looks at each time, beside the three with planted bugs: small ones,
whose releases hold their tests."""
MORE_RELEASES = (
    Chosen(
        Source(
            "python",
            "cachetools",
            "8.0.2",
            "30ac523adfc118b51d2b2e7bad8a0ddb31370dfe2700c7f10ca224f36ccf81e0",
        ),
        "Python release, unittest",
        250,
    ),
    Chosen(
        Source(
            "python",
            "structlog",
            "26.1.0",
            "f63a716cbd1b1291cf7661de7794b455acfa4c43c5bcf1630e6ad5ddc1adb3b7",
        ),
        "Python release, tox, a workflow",
        700,
    ),
    Chosen(
        Source(
            "node",
            "fastq",
            "1.20.3",
            "cdcbf6387484c524461ddc4c338d2acb25276c4072ecea495959178d28367fef",
        ),
        "JavaScript release, tape",
        30,
    ),
)
"""What one without histories of public projects can look at beside them."""
ALL = (*LISTED, *FROZEN, *RELEASES, *MORE_RELEASES)

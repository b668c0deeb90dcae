"""Rules for what Python's installers and test runners print. Each takes a Scene and gives the
recipe to try next, or None: it is about something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from harness.testruns.detect.lock import CONSTRAINTS
from harness.testruns.detect.manifest import name_of, plain, table, texts
from harness.testruns.detect.python import PIP
from harness.testruns.recipes.known_packages import FIXTURES, MARKS, OPTIONS, SETTINGS
from harness.testruns.recipes.scene import Mended, Scene

MODULE = r"""No module named:? ['"]?([A-Za-z_][\w.]*)['"]?"""
DJANGO_FIXTURES = "pytest-django"
INSTALL_HINT = (
    r"""(?:pip3?|uv pip|poetry run pip) install\s+(?:-U |--upgrade )?['"`]?"""
    r"""([A-Za-z0-9][\w.-]*)\[([\w,.\s-]+)\]"""
)
BUILD_TOOLS = frozenset(
    [
        *("setuptools", "wheel", "pkg_resources", "distutils", "poetry", "hatchling", "flit_core"),
        *("pdm", "maturin", "mesonpy", "scikit_build_core", "setuptools_scm", "hatch_vcs", "pbr"),
        *(
            "Cython",
            "cython",
            "numpy",
            "versioneer",
            "setuptools_rust",
            "flit",
            "jupyter_packaging",
        ),
        *("uv_build", "poetry_dynamic_versioning", "cffi", "pybind11", "hatch_fancy_pypi_readme"),
    ]
)
BACKENDS = {
    "poetry": "poetry-core",
    "flit_core": "flit-core",
    "pdm": "pdm-backend",
    "mesonpy": "meson-python",
    "scikit_build_core": "scikit-build-core",
    "setuptools_scm": "setuptools-scm",
    "hatch_vcs": "hatch-vcs",
    "pkg_resources": "setuptools<81",
    "distutils": "setuptools",
    "cython": "Cython",
    "setuptools_rust": "setuptools-rust",
    "uv_build": "uv-build",
    "jupyter_packaging": "jupyter-packaging",
    "poetry_dynamic_versioning": "poetry-dynamic-versioning",
    "hatch_fancy_pypi_readme": "hatch-fancy-pypi-readme",
}


def add_missing_modules(scene: Scene) -> Mended | None:
    """Modules that could not be imported, from packages that we vouch for or the project names."""
    if scene.stage != "suite":
        return None
    return _adding(scene, "module", filter(None, map(scene.giver, scene.all(MODULE))))


def install_own_package(scene: Scene) -> Mended | None:
    """The tree's own package is not found: installed, or its folder is looked in."""
    names = [n for n in scene.all(MODULE) if scene.has_module(n)]
    missing = scene.find(
        r"PackageNotFoundError: (?:No package metadata was found for )?([\w.-]+)"
        r"|DistributionNotFound: The '([\w.-]+)' distribution"
    )
    if scene.stage != "suite" or not (names or missing):
        return None
    installable = {"pyproject.toml", "setup.py", "setup.cfg"}
    there = any(scene.below(name) in scene.there for name in installable)
    if there and not scene.installs_itself:
        made = scene.adding([], own=())
        if made is not None:
            said = names[0] if names else missing and (missing[1] or missing[2])
            return scene.mended("own", made[0], name=said or ".")
    return _look_in_folder(scene, names)


def _look_in_folder(scene: Scene, names: Iterable[str]) -> Mended | None:
    """PYTHONPATH with the folder that holds the module."""
    for name in names:
        top = name.partition(".")[0]
        for path in sorted(scene.files, key=lambda p: p.count("/")):
            found = re.fullmatch(rf"((?:[^/]+/)*){re.escape(top)}(?:\.py|/[^/]+\.py)", path)
            folder = found[1].rstrip("/") if found else ""
            start = f"{scene.folder}/" if scene.folder else ""
            below = folder.removeprefix(start)
            if not folder or folder == scene.folder or "PYTHONPATH=" in scene.recipe.test:
                continue
            if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", below):
                recipe = scene.in_environment("PYTHONPATH", f'"{below}:$PYTHONPATH"')
                return scene.mended("path", recipe, name=name, folder=below)
    return None


def add_plugin_for_option(scene: Scene) -> Mended | None:
    """An option that only a plugin of pytest understands."""
    told = scene.all(r"unrecognized arguments: (.+)$") + scene.all(
        r"error: ((?:argument )?-[\w-]+.*(?:not recognized|no such option).*)$"
    )
    words = [word for line in told for word in line.split()]
    return _adding(scene, "option", _matching(OPTIONS, words, re.match))


def add_plugin_for_setting(scene: Scene) -> Mended | None:
    """A setting of pytest's that only a plugin knows, where that is an error."""
    names = scene.all(r"[Uu]nknown config (?:option|ini key): ?['\"]?([\w:-]+)")
    found = list(_matching(SETTINGS, names, re.fullmatch))
    required = scene.all(r"Missing required plugins: (.+)$")
    for line in required:
        found += [one for one in map(name_of, line.split(",")) if _is_vouched_for(scene, one)]
    return _adding(scene, "setting", found)


def _is_vouched_for(scene: Scene, package: str) -> bool:
    tables = (OPTIONS, SETTINGS, FIXTURES, MARKS)
    known = {plain(one) for table_ in tables for one in table_.values()}
    return plain(package) in known or plain(package) in scene.declared


def add_plugin_for_fixture(scene: Scene) -> Mended | None:
    """A fixture that only a plugin has."""
    names = scene.all(r"fixture '(\w+)' not found")
    django = "django" in scene.declared or scene.below("manage.py") in scene.there
    found = [p for p in _matching(FIXTURES, names, re.fullmatch)
             if p != DJANGO_FIXTURES or django]  # fmt: skip
    return _adding(scene, "fixture", found)


def add_plugin_for_mark(scene: Scene) -> Mended | None:
    """A mark that only a plugin registers, where unknown marks are an error; a coroutine that
    nobody awaits."""
    names = list(
        scene.all(r"'(\w+)' not found in `markers` configuration option")
        + scene.all(r"PytestUnknownMarkWarning: Unknown pytest\.mark\.(\w+)")
    )
    if scene.find(r"async def functions are not natively supported"):
        names += ["anyio" if "anyio" in scene.declared and _uses_anyio(scene) else "asyncio"]
    return _adding(scene, "mark", [MARKS[n] for n in names if n in MARKS])


def _uses_anyio(scene: Scene) -> bool:
    tests = [p for p in scene.files if re.search(r"(?:^|/)(?:test_\w+|conftest)\.py$", p)]
    return any("anyio" in (scene.read(path) or "") for path in tests[:20])


def add_extra(scene: Scene) -> Mended | None:
    """An import that says with which extra it is installed: the project's own, or that of a
    package which the project asks for."""
    found = scene.find(INSTALL_HINT)
    if found is None or scene.stage != "suite":
        return None
    name, extras = found[1], found[2].replace(" ", "")
    if plain(name) == plain(str(scene.manifest.project.get("name", ""))):
        there = table(scene.manifest.project, "optional-dependencies")
        own = [one for one in extras.split(",") if one in there]
        made = scene.adding([], own=own) if own else None
    else:
        made = scene.adding([f"{name}[{extras}]"]) if _vouched_package(scene, name) else None
    return scene.mended("extra", made[0], name=f"{name}[{extras}]") if made else None


def _vouched_package(scene: Scene, name: str) -> bool:
    return plain(name) in scene.declared or plain(name_of(scene.giver(name))) == plain(name)


def name_django_settings(scene: Scene) -> Mended | None:
    """Django is not told its settings: those that are for tests, else the project's."""
    wanted = scene.find(r"DJANGO_SETTINGS_MODULE|settings are not configured")
    named = "DJANGO_SETTINGS_MODULE=" in scene.recipe.test
    if scene.stage != "suite" or wanted is None or named:
        return None
    scripts = ("runtests.py", "run_tests.py", "tests/runtests.py", "test_runner.py")
    module = _settings_of_manage(scene) or _settings_file(scene)
    if module:
        recipe = scene.in_environment("DJANGO_SETTINGS_MODULE", module)
        return scene.mended("django", recipe, module=module)
    for script in scripts:
        if scene.below(script) in scene.there and script not in scene.recipe.test:
            return scene.mended("script", scene.with_test(_go(scene, f"python3 {script}"), "none"),
                                name=script)  # fmt: skip
    return None


def _settings_of_manage(scene: Scene) -> str:
    for path in ("manage.py", "runtests.py", "tests/manage.py", "conftest.py", "tests/conftest.py"):
        text = scene.read(scene.below(path)) or ""
        found = re.search(r"""DJANGO_SETTINGS_MODULE['"]?[\],=\s]+['"]([\w.]+)['"]""", text)
        if found:
            return found[1]
    return ""


def _settings_file(scene: Scene) -> str:
    start = f"{scene.folder}/" if scene.folder else ""
    inside = [p.removeprefix(start) for p in scene.files if p.startswith(start)]
    order = (
        r"(?:tests?|testing|testproject|test_project)/(?:\w+/)?(?:test_?settings|settings_?test|settings)\.py",
        r"(?:\w+/){0,2}(?:test_?settings|settings_?tests?)\.py",
        r"(?:\w+/){0,2}settings/(?:tests?|testing|ci|local|dev|base)\.py",
        r"(?:\w+/){0,2}settings\.py",
    )
    for pattern in order:
        found = sorted((p for p in inside if re.fullmatch(pattern, p)), key=lambda p: p.count("/"))
        if found:
            return found[0].removesuffix(".py").removeprefix("src/").replace("/", ".")
    return ""


def _go(scene: Scene, command: str) -> str:
    return f"cd {scene.folder} && {command}" if scene.folder else command


# ------------------------------------------------------------ set-up


def add_build_tools(scene: Scene) -> Mended | None:
    """A build that lacks its own tools: built with those of the environment, where they are put
    first."""
    names = [n.partition(".")[0] for n in scene.all(MODULE)]
    backends = r"(?:Cannot import|Backend) ['\"]([\w.]+)['\"]"
    names += [n.partition(".")[0] for n in scene.all(backends)]
    names += ["wheel"] if scene.find(r"invalid command 'bdist_wheel'") else []
    lacking = [n for n in dict.fromkeys(names) if n in BUILD_TOOLS and not scene.has_module(n)]
    if scene.stage != "setup" or not lacking:
        return None
    told = texts(table(scene.manifest.toml, "build-system").get("requires"))
    tools = [BACKENDS.get(name, name) for name in lacking]
    if "setuptools<81" in tools:  # the last that has pkg_resources
        told = [line for line in told if name_of(line) != "setuptools"]
    wanted = dict.fromkeys([*tools, "wheel", *told])
    if not tools or "setuptools" not in map(name_of, wanted):
        wanted = dict.fromkeys([*wanted, "setuptools"])
    made = scene.adding([*wanted])
    if made is None or not any("--no-build-isolation" not in c and PIP in c
                               for c in scene.recipe.setup):  # fmt: skip
        return None
    *before, tooling = made[0].setup
    return scene.mended("build_tool", scene.with_setup(*_first(before, tooling)),
                        names=", ".join(tools))  # fmt: skip


def _first(commands: list[str], tooling: str) -> list[str]:
    """The tools before what they build, which is built with them."""
    at = next((n for n, command in enumerate(commands) if PIP in command), len(commands))
    later = [
        command.replace(f"{PIP} ", f"{PIP} --no-build-isolation ", 1)
        if "--no-build-isolation" not in command else command
        for command in commands[at:]
    ]  # fmt: skip
    return [*commands[:at], tooling.partition(" -c ")[0], *later]


def install_plainly(scene: Scene) -> Mended | None:
    """What cannot be installed to be edited is installed as it is."""
    cannot = scene.find(
        r"missing the '(?:build|prepare_metadata_for_build)_editable' hook"
        r"|can ?not be installed in editable mode|editable mode (?:currently|is not)"
        r"|(?:Failed b|× B)uilding editable for|× Preparing editable metadata"
        r"|Failed to build editable|setup\.py develop did not run successfully"
        r"|Command errored out with .* develop |Call to `[\w.:]+\.build_editable` failed"
        r"|has no attribute 'build_editable'"
    )
    if scene.stage != "setup" or cannot is None:
        return None
    pattern = r"(\s)'?(?:-e|--editable[ =])\s*'?(\.[^\s']*)'?(?=\s|$)"
    recipe = scene.in_setup(lambda command: re.sub(pattern, r"\1'\2'", command))
    return scene.mended("not_editable", recipe)


def leave_root_out(scene: Scene) -> Mended | None:
    """A project that its own tool cannot install: its dependencies alone."""
    cannot = scene.find(
        r"(?<!Warning: )The current project could not be installed"
        r"|^\s*No file/folder found for package"
    )
    if scene.stage != "setup" or cannot is None:
        return None

    def change(command: str) -> str:
        return re.sub(r"\bpoetry install\b(?!.*--no-root)", "poetry install --no-root", command)

    recipe = scene.in_setup(change)
    return scene.mended("no_root", recipe)


def unlock(scene: Scene) -> Mended | None:
    """A lock file whose versions cannot be had here: without it."""
    cannot = scene.find(
        r"lock(?:file)? (?:file )?(?:is not|needs to be|at .* needs to be|out of) "
        r"(?:up.to.date|updated|date)|pyproject\.toml changed significantly since poetry\.lock"
        r"|Cannot install .* because these package versions have conflict|ResolutionImpossible"
        r"|The user requested \(constraint\)|Lock file hash doesn't match"
    )
    if any(CONSTRAINTS in command for command in scene.recipe.setup):
        cannot = cannot or scene.find(r"No matching distribution found for \S+==")
    if scene.stage != "setup" or cannot is None:
        return None

    def change(command: str) -> str:
        command = re.sub(r"^(cd \S+ && )?\S.*> \"\$HARNESS_ENV/constraints\.txt\" && ",
                         r"\1", command)  # fmt: skip
        command = command.replace(' -c "$HARNESS_ENV/constraints.txt"', "")
        command = re.sub(r"\buv sync (--frozen|--locked)", "uv sync", command)
        return re.sub(r"^(.*\b)poetry install", r"\1poetry lock && poetry install", command)

    return scene.mended("unlocked", scene.in_setup(change))


def ask_other_python(scene: Scene) -> Mended | None:
    """The version of Python that the project requires."""
    found = scene.find(
        r"requires a different Python: [\d.]+\S* not in ['\"]([^'\"]+)"
        r"|requires Python ['\"`]?([<>=!~][^'\"`\s)]+)"
        r"|Python version .* is not (?:allowed|supported) by the project \(([^)]+)\)"
        r"|with the project's Python requirement: ['\"`]?([<>=!~^][^'\"`\n]+)"
        r"|current Python version \([\d.]+\) does not satisfy Python ?([<>=!~][^\s)]+)"
        r"|No interpreter found for Python ([<>=!~]*3\.\d+\S*)"
    )
    if scene.stage != "setup" or found is None or "python" in scene.recipe.wants:
        return None
    rule = next(filter(None, found.groups()))
    least = re.search(r"(?:>=|==|~=|\^|>|^)\s*(3\.\d+)", rule)
    below = re.search(r"<\s*3\.(\d+)", rule)
    version = least[1] if least else f"3.{int(below[1]) - 1}" if below else ""
    if not version:
        return None
    wants = {**scene.recipe.wants, "python": version}
    return scene.mended("python", scene.recipe.model_copy(update={"wants": wants}), version=version)


def drop_old_pytest(scene: Scene) -> Mended | None:
    """A suite that was written for an earlier pytest."""
    said = scene.find(
        r"^(?:(?:E|INTERNALERROR>)?\s*|(?:ERROR|FAILED) .* - )pytest\.PytestRemovedIn(\d+)Warning"
    )
    gone = scene.find(
        r"Argument\(s\) \{[^}\n]*'(?:path|startdir|fspath|rootdir)'[^}\n]*\} are declared in the "
    )
    if not (said or gone) or scene.stage != "suite":
        return None
    major = int(said[1]) if said else 9
    made = scene.adding([f"pytest<{major}"])
    return scene.mended("older", made[0], name=f"pytest<{major}") if made else None


# ------------------------------------------------------------ both


def _adding(scene: Scene, key: str, packages: Iterable[str]) -> Mended | None:
    """What is set up already is not asked for again."""
    said = "\n".join(scene.recipe.setup)
    wanted = [p for p in dict.fromkeys(packages) if not _asked(said, p)]
    made = scene.adding(wanted) if wanted else None
    return scene.mended(key, made[0], names=", ".join(made[1])) if made else None


def _asked(setup: str, package: str) -> bool:
    return re.search(rf"[\s']{re.escape(package)}(?=[\s'\[<>=!~]|$)", setup) is not None


def _matching(
    known: Mapping[str, str], words: Iterable[str], match: Callable[[str, str], object]
) -> Iterable[str]:
    for word in words:
        yield from (package for pattern, package in known.items() if match(pattern, word))

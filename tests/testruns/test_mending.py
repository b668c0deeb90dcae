"""From what tools print to the recipe that is tried next: each rule on at least five outputs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.testruns.detect.python import PIP, VENV
from harness.testruns.recipes.mending import Mended, Scene, mend
from harness.testruns.recipes.recipe import Origin, Recipe

VENV_LINE = f"test -d {VENV} || python3 -m venv {VENV}"
INSTALL = f"{PIP} -e. pytest"
PROJECT = {
    "pyproject.toml": '[project]\nname = "calc"\nversion = "1"\ndependencies = ["requests"]\n',
    "calc/__init__.py": "",
    "tests/test_calc.py": "import calc\n",
}
SUITE = Recipe(
    origin=Origin(path="pyproject.toml"),
    setup=(VENV_LINE, INSTALL),
    test="python3 -m pytest",
    reporter="pytest",
)


def mended(
    printed: str,
    files: Mapping[str, str] = PROJECT,
    recipe: Recipe = SUITE,
    *,
    stage: str = "suite",
    passed: int = 0,
) -> Mended | None:
    return mend(
        Scene(
            recipe=recipe,
            stage="setup" if stage == "setup" else "suite",
            printed=printed,
            exit_code=1,
            files=tuple(files),
            read=files.get,
            passed=passed,
        )
    )


def key(made: Mended | None) -> str:
    return made.why.key.removeprefix("recipe.") if made else ""


def set_up(made: Mended | None) -> str:
    assert made is not None
    return "\n".join(made.recipe.setup)


MISSING = [
    ("E   ModuleNotFoundError: No module named 'yaml'", "PyYAML"),
    ("ModuleNotFoundError: No module named 'PIL.Image'", "Pillow"),
    ("E   ImportError: No module named cv2", "opencv-python-headless"),
    ("ModuleNotFoundError: No module named 'sklearn.base'", "scikit-learn"),
    ("from dateutil import tz\nE   ModuleNotFoundError: No module named 'dateutil'", "python-date"),
    ("ModuleNotFoundError: No module named 'bs4'", "beautifulsoup4"),
    ("\x1b[31mE   ModuleNotFoundError: No module named 'attr'\x1b[0m", "attrs"),
    ("ModuleNotFoundError: No module named 'OpenSSL'", "pyOpenSSL"),
    ("ModuleNotFoundError: No module named 'jwt'", "PyJWT"),
    ("Error importing plugin \"xdist\": No module named 'xdist'", "pytest-xdist"),
    ("E   ModuleNotFoundError: No module named 'pkg_resources'", "setuptools<81"),
    ("E   ModuleNotFoundError: No module named 'numpy'", "numpy"),
]


@pytest.mark.parametrize(("printed", "package"), MISSING)
def test_a_missing_module_comes_from_the_package_that_gives_it(printed: str, package: str) -> None:
    made = mended(printed)
    assert key(made) == "module"
    assert package in set_up(made)
    assert set_up(made).startswith(f"{VENV_LINE}\n{INSTALL}\n")


@pytest.mark.parametrize(
    "module", ["nonesuch", "company_internal", "reqeusts", "my_plugin.core", "yaml2", "_speedups"]
)
def test_a_stranger_of_that_name_is_never_asked(module: str) -> None:
    assert mended(f"E   ModuleNotFoundError: No module named '{module}'") is None


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("yaml/__init__.py", "yaml"),
        ("src/numpy/__init__.py", "numpy"),
        ("lib/six.py", "six"),
        ("packages/mock/mock/__init__.py", "mock"),
        ("jwt.py", "jwt"),
        ("python/redis/client.py", "redis.client"),
    ],
)
def test_what_the_tree_itself_gives_comes_from_no_index(path: str, module: str) -> None:
    made = mended(f"ModuleNotFoundError: No module named '{module}'", {**PROJECT, path: ""})
    assert made is None or "pip install --disable-pip-version-check" not in set_up(made)[len(
        f"{VENV_LINE}\n{INSTALL}"
    ):]  # fmt: skip


DECLARING = [
    '[project]\nname = "c"\ndependencies = ["company-internal>=2"]\n',
    '[project]\nname = "c"\n[dependency-groups]\ntest = ["company-internal>=2"]\n',
    '[tool.poetry]\nname = "c"\n[tool.poetry.group.x.dependencies]\ncompany_internal = "^2"\n',
    '[project]\nname = "c"\n[tool.pdm.dev-dependencies]\ndev = ["company.internal"]\n',
    '[project]\nname = "c"\n[tool.uv]\ndev-dependencies = ["company-internal"]\n',
]


@pytest.mark.parametrize("text", DECLARING)
def test_a_package_that_the_project_declares_may_be_asked_for(text: str) -> None:
    files = {"pyproject.toml": text, "tests/test_a.py": ""}
    made = mended("E   ModuleNotFoundError: No module named 'company_internal'", files)
    assert key(made) == "module"
    assert "company" in set_up(made)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements-dev.txt", "company-internal==2  # for tests\n"),
        ("requirements/tests.in", "company_internal\n"),
        ("tox.ini", "[testenv]\ndeps =\n    company-internal\n"),
        ("setup.cfg", "[options]\ntests_require =\n    company-internal\n"),
        ("setup.py", "from setuptools import setup\nsetup(tests_require=['company-internal'])\n"),
    ],
)
def test_and_so_may_one_that_another_file_declares(name: str, text: str) -> None:
    made = mended("No module named 'company_internal'", {**PROJECT, name: text})
    assert "company" in set_up(made)


@pytest.mark.parametrize(
    "text",
    [
        "setup(ext_modules=[Extension('company_internal', ['a.c'])])",
        "setup(classifiers=['company_internal'])",
        "setup(keywords='company_internal')",
        "setup(packages=['company_internal'])",
        "setup(entry_points={'console_scripts': ['company_internal']})",
    ],
)
def test_a_word_of_a_script_that_is_no_requirement_declares_nothing(text: str) -> None:
    assert mended("No module named 'company_internal'", {**PROJECT, "setup.py": text}) is None


SOURCES = [
    '[tool.uv.sources]\nnumpy = { path = "../numpy" }\n',
    '[tool.uv.sources]\nnumpy = { index = "own" }\n[[tool.uv.index]]\nname = "own"\n'
    'url = "https://own.example"\nexplicit = true\n',
    '[tool.uv.sources]\nnumpy = { workspace = true }\n',
    '[tool.poetry.dependencies]\nnumpy = { path = "/srv/numpy" }\n',
    '[tool.poetry.dependencies]\nnumpy = { source = "own" }\n[[tool.poetry.source]]\n'
    'name = "own"\nurl = "https://own.example"\npriority = "explicit"\n',
]  # fmt: skip


@pytest.mark.parametrize("text", SOURCES)
def test_what_has_another_source_is_not_taken_from_the_usual_index(text: str) -> None:
    files = {**PROJECT, "pyproject.toml": PROJECT["pyproject.toml"] + text}
    assert mended("E   ModuleNotFoundError: No module named 'numpy'", files) is None


def test_a_source_that_can_be_had_is_kept() -> None:
    text = '[tool.uv.sources]\nnumpy = { git = "https://host.example/numpy", rev = "v2" }\n'
    files = {**PROJECT, "pyproject.toml": PROJECT["pyproject.toml"] + text}
    made = mended("E   ModuleNotFoundError: No module named 'numpy'", files)
    assert "numpy @ git+https://host.example/numpy@v2" in set_up(made)


PLUGINS = [
    ("option", "pytest: error: unrecognized arguments: --cov=calc --cov-report=xml", "pytest-cov"),
    ("option", "ERROR: usage: ...\nerror: unrecognized arguments: -n auto", "pytest-xdist"),
    ("option", "error: unrecognized arguments: --timeout=60\n  inifile: /work/x", "pytest-timeout"),
    ("option", "__main__.py: error: unrecognized arguments: --asyncio-mode=auto", "pytest-asyncio"),
    ("option", "error: unrecognized arguments: --ds=tests.settings --reuse-db", "pytest-django"),
    ("option", "error: unrecognized arguments: --benchmark-skip", "pytest-benchmark"),
    ("setting", "PytestConfigWarning: Unknown config option: asyncio_mode", "pytest-asyncio"),
    ("setting", "ERROR: Unknown config option: timeout", "pytest-timeout"),
    ("setting", "PytestConfigWarning: Unknown config option: DJANGO_SETTINGS_X", "pytest-django"),
    ("setting", "ERROR: Missing required plugins: pytest-xdist, pytest-cov>=4", "pytest-cov"),
    ("setting", "UsageError: Unknown config option: trio_mode", "pytest-trio"),
    ("fixture", "E       fixture 'mocker' not found\n> available fixtures: ...", "pytest-mock"),
    ("fixture", "fixture 'benchmark' not found", "pytest-benchmark"),
    ("fixture", "  fixture 'httpx_mock' not found", "pytest-httpx"),
    ("fixture", "E fixture 'requests_mock' not found", "requests-mock"),
    ("fixture", "E fixture 'data_regression' not found", "pytest-regressions"),
    ("fixture", "E fixture 'subtests' not found", "pytest-subtests"),
    ("mark", "'asyncio' not found in `markers` configuration option", "pytest-asyncio"),
    ("mark", "PytestUnknownMarkWarning: Unknown pytest.mark.timeout - is this a typo?", "-timeout"),
    ("mark", "E  pytest.PytestUnknownMarkWarning: Unknown pytest.mark.benchmark", "-benchmark"),
    ("mark", "async def functions are not natively supported.\nYou need to install a suitable "
             "plugin", "pytest-asyncio"),
    ("mark", "'flaky' not found in `markers` configuration option", "pytest-rerunfailures"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "printed", "package"), PLUGINS)
def test_a_plugin_that_is_missing_is_added(why: str, printed: str, package: str) -> None:
    made = mended(printed)
    assert key(made) == why
    assert package in set_up(made)


@pytest.mark.parametrize(
    "printed",
    [
        "fixture 'db' not found",
        "fixture 'own_thing' not found",
        "error: unrecognized arguments: --own-flag",
        "Unknown config option: own_setting",
        "'own' not found in `markers` configuration option",
        "Missing required plugins: pytest-of-a-stranger",
    ],
)
def test_what_no_known_plugin_has_is_not_guessed(printed: str) -> None:
    assert mended(printed) is None


def test_several_plugins_come_in_at_once_and_none_twice() -> None:
    both = "error: unrecognized arguments: --cov=x -n 4 --timeout 9"
    made = mended(both)
    for name in ("pytest-cov", "pytest-xdist", "pytest-timeout"):
        assert set_up(made).count(name) == 1
    assert made is not None
    assert mended(both, recipe=made.recipe) is None


EXTRAS = [
    ("ImportError: install calc[http] to use this", "'-e.[http]'"),
    ("RuntimeError: Please run: pip install 'calc[http]'", "'-e.[http]'"),
    ('ImportError: use `pip install "requests[socks]"`', "'requests[socks]'"),
    ("ImportError: Missing dependencies. Run pip install requests[security,socks]", "security"),
    ("ImportError: pip install -U calc[http]", "'-e.[http]'"),
    ("E   ImportError: redis is needed: pip install redis[hiredis]", "'redis[hiredis]'"),
]


@pytest.mark.parametrize(("printed", "words"), EXTRAS[1:])
def test_an_import_says_with_which_extra_it_is_installed(printed: str, words: str) -> None:
    text = PROJECT["pyproject.toml"] + '[project.optional-dependencies]\nhttp = ["httpx"]\n'
    made = mended(printed, {**PROJECT, "pyproject.toml": text})
    assert key(made) == "extra"
    assert words in set_up(made)


@pytest.mark.parametrize("name", ["evil[x]", "calc[nonesuch]", "requets[socks]", "a.b[c]", "x[y]"])
def test_an_extra_of_a_stranger_is_not_installed_because_a_text_says_so(name: str) -> None:
    assert mended(f"ImportError: run pip install {name}") is None


def test_a_module_that_an_extra_brings_comes_with_the_extra() -> None:
    extras = '[project.optional-dependencies]\ntests = ["company-internal", "freezegun"]\n'
    files = {**PROJECT, "pyproject.toml": PROJECT["pyproject.toml"] + extras}
    made = mended("E   ModuleNotFoundError: No module named 'company_internal'", files)
    assert made is not None
    assert made.recipe.setup == (VENV_LINE, f"{PIP} '-e.[tests]' pytest")
    assert made.why.facts["names"] == "[tests]"


NOT_TOLD = (
    "django.core.exceptions.ImproperlyConfigured: Requested setting INSTALLED_APPS, but settings "
    "are not configured. You must either define the environment variable DJANGO_SETTINGS_MODULE or "
    "call settings.configure() before accessing settings."
)


@pytest.mark.parametrize(
    ("files", "module"),
    [
        ({"tests/settings.py": "", "app/settings.py": ""}, "tests.settings"),
        ({"tests/test_settings.py": ""}, "tests.test_settings"),
        ({"tests/testapp/settings.py": ""}, "tests.testapp.settings"),
        (
            {"manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n"},
            "site.settings",
        ),
        ({"site/settings/test.py": "", "site/settings/base.py": ""}, "site.settings.test"),
        ({"shop/settings.py": ""}, "shop.settings"),
        ({"runtests.py": 'os.environ["DJANGO_SETTINGS_MODULE"] = "t.s"\n'}, "t.s"),
    ],
)
def test_django_is_told_its_settings(files: dict[str, str], module: str) -> None:
    made = mended(NOT_TOLD, {**PROJECT, **files})
    assert made is not None
    assert made.recipe.test == f"DJANGO_SETTINGS_MODULE={module} python3 -m pytest"
    assert mended(NOT_TOLD, {**PROJECT, **files}, made.recipe) is None


def test_django_without_settings_runs_its_own_script() -> None:
    made = mended(NOT_TOLD, {**PROJECT, "runtests.py": "settings.configure()\n"})
    assert made is not None
    assert made.recipe.test == "python3 runtests.py"
    assert mended(NOT_TOLD, PROJECT) is None


BARE = Recipe(origin=Origin(path="."), test="python3 -m pytest", reporter="pytest")


@pytest.mark.parametrize(
    ("files", "module", "told"),
    [
        (PROJECT, "calc", f"{PIP} pytest -e."),
        ({"setup.py": "", "calc/a.py": ""}, "calc.a", f"{PIP} pytest -e."),
        ({"lib/calc/__init__.py": ""}, "calc", 'PYTHONPATH="lib:$PYTHONPATH" python3 -m pytest'),
        ({"src/calc.py": ""}, "calc", 'PYTHONPATH="src:$PYTHONPATH" python3 -m pytest'),
        ({"a/b/calc/x.py": ""}, "calc", 'PYTHONPATH="a/b:$PYTHONPATH" python3 -m pytest'),
        ({"python/calc.py": ""}, "calc", 'PYTHONPATH="python:$PYTHONPATH" python3 -m pytest'),
    ],
)
def test_the_trees_own_package_is_found(files: dict[str, str], module: str, told: str) -> None:
    made = mended(f"ModuleNotFoundError: No module named '{module}'", files, BARE)
    assert made is not None
    assert told in "\n".join((*made.recipe.setup, made.recipe.test))


@pytest.mark.parametrize(
    "printed",
    [
        "importlib.metadata.PackageNotFoundError: No package metadata was found for calc",
        "importlib_metadata.PackageNotFoundError: calc",
        "pkg_resources.DistributionNotFound: The 'calc' distribution was not found and is required",
        "E   PackageNotFoundError: No package metadata was found for calc",
        "PackageNotFoundError: No package metadata was found for calc-core",
    ],
)
def test_a_project_that_asks_for_its_own_metadata_is_installed(printed: str) -> None:
    assert f"{PIP} pytest -e." in set_up(mended(printed, recipe=BARE))

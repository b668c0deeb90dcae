"""What a set-up compiled: shown where the sources are the same, built anew where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.core.types import BoxLimits, Environment
from harness.environment.setup import Environments
from harness.environment.toolchains import resolve
from harness.git.native_sources import fingerprint
from harness.git.workspace import ProjectWorkspace
from harness.ports.sandbox import Sandbox
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from tests.environment.projects import Project, git

SOURCE = """
#include <Python.h>
static PyObject *number(PyObject *self, PyObject *none) { return PyLong_FromLong(NUMBER); }
static PyMethodDef methods[] = {{"number", number, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast", "", -1, methods};
PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }
"""
# a backend of the project's own: no index is needed, and the call is every backend's
BACKEND = """
import subprocess
import sysconfig

class inner:
    def build_wheel(folder, config_settings=None, metadata_directory=None):
        raise RuntimeError("an editable install was asked for")

    def build_editable(folder, config_settings=None, metadata_directory=None):
        place = "pkg/fast" + sysconfig.get_config_var("EXT_SUFFIX")
        include = sysconfig.get_paths()["include"]
        command = ["cc", "-shared", "-fPIC", "-I", include, "-o", place, "src/fast.c"]
        subprocess.run(command, check=True)
"""
FILES: dict[str, bytes | str | None] = {
    ".gitignore": "*.so\n/tool\n",
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "make:inner"\n'
    'backend-path = ["builders"]\n',
    "builders/make.py": BACKEND,
    "pkg/__init__.py": "from pkg.fast import number\n",
    "pkg/more.py": "x = 1\n",
    "src/fast.h": "#define NUMBER 7\n",
    "src/fast.c": '#include "fast.h"\n' + SOURCE,
    "docs/index.rst": "x\n",
}
SETUP = ('PYTHONPATH=builders python3 -c "import make; make.inner.build_editable(None)"',)
SHOW = 'python3 -c "import pkg; print(pkg.number())"'


class Made(Project):
    """A project whose environments are made."""

    def __init__(self, root: Path, sandbox: Sandbox, setup: tuple[str, ...]) -> None:
        super().__init__(root)
        self.sandbox, self.setup = sandbox, setup

    async def workspace_of(self) -> ProjectWorkspace:
        tools = await resolve(os.environ.get("PATH", os.defpath), Path("/nonexistent"))
        maker = Environments(self.root / "env", self.sandbox, self.setup, tools=tools)
        self.made = maker  # type: ignore[assignment]
        self.workspace = self.again()
        return self.workspace

    async def show(self, changed: dict[str, str], command: str = SHOW) -> tuple[str, Environment]:
        """What the command says in a copy of main with these files changed."""
        workspace = self.workspace
        await workspace.sync()
        base = await workspace.resolve("main")
        blobs = {path: await workspace.put_blob(text.encode()) for path, text in changed.items()}
        tree = await workspace.with_files(await workspace.tree_of(base), {**blobs})
        copy = await workspace.copy("run/1", tree, base)
        environment = await workspace.environment(base)
        box = await self.sandbox.open(
            await workspace.layout(copy, environment), BoxLimits(command_s=120)
        )
        try:
            return (await box.exec(command)).output, environment
        finally:
            await box.close()


@pytest.fixture(params=["bubblewrap", "bare"])
async def project(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    sandbox = Bubblewrap() if request.param == "bubblewrap" else BareSandbox()
    made = Made(tmp_path, sandbox, SETUP)
    made.push(FILES)
    await made.workspace_of()
    return made


async def test_a_tree_with_the_same_sources_has_the_same_modules(project: Made) -> None:
    said, environment = await project.show({})
    assert said == "7\n"
    assert "pkg/fast" in environment.place
    # what no build reads changes nothing
    same = {"pkg/more.py": "x = 2\n", "docs/index.rst": "y\n", "tests/test_x.py": "x\n"}
    assert (await project.show(same, f"{SHOW}; ls -l --time-style=+%s pkg"))[0].startswith("7\n")
    kept = next(p for p in (project.root / "env").glob("*/built/pkg/*.so"))
    shown, _ = await project.show(same, "stat -c %Y pkg/*.so")
    assert int(shown) == int(kept.stat().st_mtime), "copied, not built"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"src/fast.h": "#define NUMBER 8\n"}, "8\n"),
        ({"src/fast.c": "#define NUMBER 9\n" + SOURCE}, "9\n"),
        (
            {"builders/make.py": str(FILES["builders/make.py"]).replace('"cc"', '"cc", "-DX=1"')},
            "7\n",
        ),
    ],
    ids=["a header", "a source", "what builds"],
)
async def test_a_tree_with_other_sources_is_built_in_its_own_box(
    project: Made, changed: dict[str, str], said: str
) -> None:
    assert (await project.show(changed))[0] == said
    kept = next(p for p in (project.root / "env").glob("*/built/pkg/*.so"))
    shown, _ = await project.show(changed, "stat -c %Y pkg/*.so")
    assert int(shown) >= int(kept.stat().st_mtime)


async def test_sources_that_do_not_compile_have_no_module(project: Made) -> None:
    said, _ = await project.show({"src/fast.c": "#error no\n"})
    assert "No module named 'pkg.fast'" in said


async def test_a_base_with_other_sources_has_a_set_up_of_its_own(project: Made) -> None:
    _, first = await project.show({})
    project.push({"pkg/more.py": "x = 3\n"})
    assert (await project.show({}))[1].id == first.id
    project.push({"src/fast.h": "#define NUMBER 5\n"})
    said, second = await project.show({})
    assert (said, second.id != first.id) == ("5\n", True)


async def test_an_agent_builds_over_what_it_was_given(project: Made) -> None:
    said, _ = await project.show({}, f"echo '#define NUMBER 6' > src/fast.h; {SETUP[0]}; {SHOW}")
    assert said == "6\n"


async def test_a_program_of_make_is_made_by_the_set_up_again(tmp_path: Path) -> None:
    project = Made(tmp_path, Bubblewrap(), ("cc -o tool main.c",))
    text = '#include <stdio.h>\nint main() {{ puts("{}"); }}\n'
    project.push({".gitignore": "/tool\n", "main.c": text.format("one")})
    await project.workspace_of()
    assert (await project.show({}, "./tool"))[0] == "one\n"
    assert (await project.show({"main.c": text.format("two")}, "./tool"))[0] == "two\n"
    assert (await project.show({"main.c": "no"}, "./tool || echo none"))[0].endswith("none\n")


async def test_a_version_from_gits_tags_is_the_same_in_the_set_up(tmp_path: Path) -> None:
    setup = ("git describe --tags --dirty > VERSION; git log --format=%s | head -2 >> VERSION",)
    project = Made(tmp_path, Bubblewrap(), setup)
    project.push({".gitignore": "VERSION\n", "a": "1"}, "One")
    git(project.user, "tag", "-a", "v1.2", "-m", "x")
    project.push({"a": "2"}, "Two")
    await project.workspace_of()
    said, _ = await project.show({}, "cat VERSION; git describe --tags")
    version = git(project.user, "describe", "--tags")
    assert version.startswith("v1.2-1-g")
    assert said == f"{version}\nTwo\nOne\n{version}\n"


async def test_a_link_leads_what_was_compiled_nowhere(tmp_path: Path) -> None:
    project = Made(tmp_path, Bubblewrap(), ("cc -shared -o pkg/x.so main.c",))
    outside = tmp_path / "outside"
    outside.mkdir()
    project.push({".gitignore": "*.so\n", "main.c": "int x;\n", "pkg/a": ""})
    await project.workspace_of()
    await project.show({})
    (project.user / "pkg" / "a").unlink()
    (project.user / "pkg").rmdir()
    (project.user / "pkg").symlink_to(outside)
    git(project.user, "add", "--all")
    project.push({})
    assert (await project.show({}, "ls pkg/; echo end"))[0].endswith("end\n")
    assert list(outside.iterdir()) == []


def entries(*paths: str) -> dict[str, tuple[str, str]]:
    return {path: ("100644", path) for path in paths}


PLAIN = ("setup.py", "pkg/__init__.py", "pkg/a.py", "pkg/a.c")


@pytest.mark.parametrize(
    ("path", "same"),
    [
        *((path, True) for path in ("README.md", "tests/test_a.py", "docs/conf.py", "pkg/b.py")),
        *((path, True) for path in ("pkg/a.pyi", "test_top.py", "src/x/tests/data/x.json")),
        *((path, False) for path in ("pkg/b.c", "pkg/B.PYX", "tests/ext.c", "tools/gen.py")),
        *((path, False) for path in ("Makefile", "pkg/meson.build", "pkg/table.txt", "pkg/data")),
        *((path, False) for path in ("Cargo.lock", "build.rs", "CMakeLists.txt", "setup.cfg")),
    ],
)
def test_what_a_build_may_read_is_all_that_is_not_known_to_be_harmless(
    path: str, same: bool
) -> None:
    before = fingerprint(entries(*PLAIN), b"ext_modules")
    assert (fingerprint(entries(*PLAIN, path), b"ext_modules") == before) is same


def test_what_compiles_nothing_has_no_fingerprint() -> None:
    assert fingerprint(entries("setup.py", "pkg/__init__.py"), b"") == ""
    assert fingerprint(entries("go.mod", "main.go", "x.c"), b"") == "", "no module of Python's"
    python = (*PLAIN, "pkg/b.py")
    assert fingerprint(entries(*python), b"") == fingerprint(entries(*PLAIN), b"")
    assert fingerprint(entries(*python), b"mypyc") != fingerprint(entries(*PLAIN), b"mypyc")

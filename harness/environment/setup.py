"""What a project's commands need beside its tree: made once in a Box of its own, then mounted
read-only. No agent has been in there, and nothing of the operator's settings is left in it but
what the set-up commands themselves wrote."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from harness.core.egress_types import REFUSED, EgressPolicy, Refusal
from harness.core.errors import SandboxError
from harness.core.types import BoxLimits, CommandResult, Environment, Layout
from harness.environment import builds, services
from harness.environment.causes import cause_of, missing_program, telling_lines
from harness.environment.generated_files import (
    borrowed_objects,
    left_in,
    made_beside,
    program_folders_in,
)
from harness.environment.given import HOME, INSIDE, Given
from harness.environment.kept_logins import kept_login
from harness.environment.language_homes import (
    program_folders,
    setup_variables,
    stores_in,
    test_variables,
    with_given,
)
from harness.environment.servers import Servers, find_images, prepare
from harness.environment.tool_caches import writable_caches
from harness.environment.toolchains import PYTEST_OLDEST, Toolchains, share_pytest
from harness.ports.sandbox import Box, Sandbox
from harness.system.files import atomic_write, copy_tree, remove_tree
from harness.system.locks import Lock, lock_of

WORK = "/work"
PYTEST_INSIDE = "/opt/harness/pytest"
RECORD = "environment.json"
FORMAT = 5  # part of every id: a change of what we make invalidates what was made
TAIL = 3000
NAMED = 5  # hosts that a message names
SETUP_ENV = {"CI": "true", "HUSKY": "0", "PIP_NO_INPUT": "1"}
IN_SECONDS = {
    "PIP_RETRIES": "2",
    "PIP_DEFAULT_TIMEOUT": "30",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "UV_HTTP_RETRIES": "2",
    "CARGO_NET_RETRY": "2",
    "YARN_HTTP_RETRY": "2",
    "BUNDLE_RETRY": "2",
    "npm_config_fetch_retries": "2",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_retry_maxtimeout": "4000",
}
"""What is refused stays so: package managers would ask again for minutes."""
PLAIN = (
    'python3 -m venv --without-pip "$HARNESS_ENV/venv"',
    # where it is used nobody may write its bytecode any more
    'test -z "$HARNESS_PYTEST" || python3 -m compileall -q "$HARNESS_PYTEST"',
)
# what tools would leave in the tree, where it would look like a part of the change
CACHED = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTEST_ADDOPTS": "-o cache_dir={}/pytest",
    "HYPOTHESIS_STORAGE_DIRECTORY": "{}/hypothesis",
    "COVERAGE_FILE": "{}/coverage",
    "MYPY_CACHE_DIR": "{}/mypy",
    "RUFF_CACHE_DIR": "{}/ruff",
    "npm_config_update_notifier": "false",
}
CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
FILES = (
    *CERTIFICATES,
    *("CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "YARN_HTTPS_CA_FILE_PATH"),
    *("BUNDLE_SSL_CA_CERT", "npm_config_cafile", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "NETRC"),
    *("NPM_CONFIG_USERCONFIG", "npm_config_userconfig", "NPM_CONFIG_GLOBALCONFIG"),
)
"""Variables that name a file which set-up must see."""


class _Filled(NamedTuple):
    """What came of the set-up's commands."""

    log: str = ""
    refused: tuple[Refusal, ...] = ()
    servers: Servers = Servers()


class Environments:
    """Makes and keeps environments below `root`, which all projects and processes of a home share:
    one at a time makes an environment, its record is written last, and what lacks its record or a
    folder that the record names is made again.

    `owner`: whose trees they are for. What set-up builds holds the project's own files (a version,
    generated sources, the package itself), so nobody else gets it, however alike the manifests.
    What needs no set-up is made without a look at the tree, and shared.
    `given` is the operator's: package indexes (PIP_INDEX_URL, npm_config_registry) and, by absolute
    path, their files (PIP_CONFIG_FILE, npm_config_userconfig, SSL_CERT_FILE). It is seen by the
    set-up alone.
    `tools.services` are started in each Box with the environment; here their first data are made,
    by the machine's programs or those of `given.images`.
    `egress`: what the set-up may reach. `limits.command_s` bounds each command.
    """

    def __init__(
        self,
        root: Path,
        sandbox: Sandbox,
        setup: tuple[str, ...],
        *,
        egress: EgressPolicy | None = None,
        given: Given | None = None,
        limits: BoxLimits | None = None,
        tools: Toolchains | None = None,
        owner: str = "",
    ) -> None:
        self._root = root
        self._owner = owner
        self._sandbox = sandbox
        self._setup = setup
        self._egress = egress
        self._env = (given or Given()).env
        self._files = (given or Given()).files
        self._logins = (given or Given()).logins
        self._limits = limits or BoxLimits(command_s=1800.0)
        self._tools = tools or Toolchains()
        self._services = self._tools.services
        self._images = (given or Given()).images

    async def make(self, key: str, tree: Path) -> Environment:
        """The environment for this key, from a checkout of its tree. SandboxError with the log's
        end when a set-up command fails; nothing is kept of it then."""
        name = self._name(key)
        folder = self._root / name
        try:
            async with Lock(lock_of(folder)):
                found = await asyncio.to_thread(_read_whole, folder)
                return found or await self._make(name, folder, tree)
        except OSError as fault:
            if fault.errno is None:  # a deadline of somebody's, no word of the system
                raise
            path, why = str(fault.filename or folder), fault.strerror or type(fault).__name__
            raise SandboxError("workspace.environment_disk", path=path, why=why) from fault

    async def _make(self, name: str, folder: Path, tree: Path) -> Environment:
        await asyncio.to_thread(remove_tree, folder)
        try:
            (folder / "env").mkdir(parents=True)
            filled = await self._fill(folder, tree, self._setup or self._plain())
            beside = await self._beside(folder, tree)
            made = await asyncio.to_thread(self._describe, name, folder, filled)
            more = {**beside, "refused": filled.refused}
            made = builds.shown(made, folder).model_copy(update=more)
            if left := await asyncio.to_thread(kept_login, [folder], self._logins):
                path = Path(left).relative_to(folder).as_posix()
                raise SandboxError("workspace.setup_login_kept", path=path)
            # from here on it is there
            await asyncio.to_thread(atomic_write, folder / RECORD, made.model_dump_json())
        except BaseException:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(remove_tree, folder)
            raise
        return made

    def _name(self, key: str) -> str:
        owner = self._owner if self._setup else ""
        facts = [FORMAT, owner, key, self._setup, self._reach, self._sandbox.name]
        facts += [
            sorted(self._env.items()),
            sorted(self._files),
            self._tools.model_dump(mode="json"),
        ]
        facts += [self._images.allowed] if self._images.allowed else []
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]

    @property
    def _reach(self) -> str:
        """What may be reached, as text."""
        return ", ".join(sorted(map(str, self._egress.allow))) if self._egress else ""

    @property
    def _pytest(self) -> Path:
        return self._root / "pytest"

    @property
    def _bare(self) -> bool:
        return self._sandbox.name == "bare"

    # ------------------------------------------------------------ set-up

    def _plain(self) -> tuple[str, ...]:
        """For a project that needs nothing: a Python without what its host has installed."""
        return PLAIN if self._tools.python >= PYTEST_OLDEST else ()

    async def _fill(self, folder: Path, tree: Path, commands: tuple[str, ...]) -> _Filled:
        if not commands and not self._services:
            return _Filled()
        if self._bare and self._services:
            raise SandboxError("workspace.service_bare", service=self._services[0].name)
        work, temporary = folder / "work", folder / "tmp"
        if self._setup:
            await asyncio.to_thread(copy_tree, tree, work)
        else:
            work.mkdir()
        (temporary / "home").mkdir(parents=True)
        layout = await asyncio.to_thread(self._layout, folder, tree, temporary)
        if not self._setup and await share_pytest(self._pytest):
            writable = {**layout.writable, str(self._pytest): PYTEST_INSIDE}
            env = {**layout.env, "HARNESS_PYTEST": PYTEST_INSIDE}
            layout = layout.model_copy(update={"writable": writable, "env": env})
        found = await find_images(self._services, self._images, self._root, self._sandbox, layout)
        layout = layout.model_copy(update={"read_only": {**layout.read_only, **found.shown}})
        box = await self._sandbox.open(layout, self._limits)
        try:
            log = [await self._command(box, command) for command in commands]
            started = await prepare(box, self._services, found.places, WORK)
        finally:
            await box.close()
        await asyncio.to_thread(remove_tree, temporary)
        servers = Servers(shown=found.shown, started=started)
        return _Filled("".join(log)[-TAIL:], box.refusals, servers)

    def _layout(self, folder: Path, tree: Path, temporary: Path) -> Layout:
        shown = {**self._tools.read_only, **borrowed_objects(tree)}
        shown |= {file: inside for file, inside in self._files.items() if Path(file).exists()}
        for file in (*(self._env.get(name, "") for name in FILES), *stores_in(self._env)):
            if file.startswith("/") and Path(file).is_file():
                shown[file] = file
        programs = [f"{INSIDE}/{place}" for place in program_folders()]
        path = ":".join((*programs, *self._tools.path))
        homes = setup_variables(INSIDE, "/tmp")
        own = {**homes, **self._tools.env, "HARNESS_ENV": INSIDE, "PATH": path}
        # a store that a tool keeps in the home by itself is more than memory may hold, too
        own |= {} if self._bare else {"HOME": HOME}
        return Layout(
            tree=folder / "work",
            read_only=shown,
            # packages are built there: more than memory may hold
            writable={str(folder / "env"): INSIDE, str(temporary): "/tmp"},
            env=with_given({**own, **SETUP_ENV, **IN_SECONDS}, self._env),
            egress=self._egress,
        )

    async def _command(self, box: Box, command: str) -> str:
        ran = await box.exec(command, cwd="" if self._bare else WORK)
        text = f"$ {command}\n{ran.output}\n"
        if ran.exit_code != 0:
            raise self._failure(command, ran, box.refusals)
        return text

    def _failure(
        self, command: str, ran: CommandResult, refusals: tuple[Refusal, ...]
    ) -> SandboxError:
        """Names the setting that mends it, where the output or what was refused tells."""
        reach = "" if self._egress is None else self._reach
        cause = cause_of(ran.exit_code, ran.output, refusals, reach)
        killed = ran.killed if ran.killed != REFUSED else ""
        why = {
            "refused": ("not_allowed",),
            "private": ("closed_address",),
            "unreachable": ("not_resolved", "unreachable"),
            "upstream": ("upstream",),
            "upstream_login": ("upstream_login",),
        }.get(cause, ())
        hosts = [r.target for r in refusals if r.why in why or not why]
        return SandboxError(
            f"workspace.setup_{'killed' if killed else cause or 'failed'}",
            command=command,
            code=ran.exit_code,
            why=killed,
            reach=self._reach or "-",
            hosts=", ".join(json.dumps(t.removesuffix(":443")) for t in hosts[:NAMED]) or "-",
            program=missing_program(ran.output) or "-",
            log=telling_lines(ran.output, cause)[-TAIL:],
        )

    # ------------------------------------------------------------ what came of it

    async def _beside(self, folder: Path, tree: Path) -> dict[str, object]:
        """What set-up left beside the project's files, as fields of an environment."""
        if not (folder / "work").is_dir():
            return {}
        scratch = folder / "scratch"
        scratch.mkdir()
        texts, compiled = await made_beside(tree, folder / "work", scratch)
        await asyncio.to_thread(remove_tree, scratch)
        built = folder / builds.FOLDER
        kept = await asyncio.to_thread(builds.keep, folder / "work", compiled, built)
        if not kept:
            return {"made": texts}
        await self._keep_tools(folder, tree)
        build = builds.rebuilding(tree, kept, self._setup)
        return {"made": texts, "place": builds.placing(kept), "build": build}

    async def _keep_tools(self, folder: Path, tree: Path) -> None:
        """What a build needs, beside the environment. Without it only a change to what is compiled
        cannot be tested, and its tests will say that."""
        command = builds.tools_of(tree)
        if not command:
            return
        temporary = folder / "tmp"
        (temporary / "home").mkdir(parents=True)
        layout = await asyncio.to_thread(self._layout, folder, tree, temporary)
        box = await self._sandbox.open(layout, self._limits)
        try:
            await box.exec(command, cwd="" if self._bare else WORK)
        finally:
            await box.close()
        await asyncio.to_thread(remove_tree, temporary)

    def _describe(self, name: str, folder: Path, filled: _Filled) -> Environment:
        """Blocks. Folders that set-up made in its copy of the tree (node_modules, .venv) are
        kept as well, and shown at the same place of every tree."""
        shown = {str(folder / "env"): INSIDE, **self._tools.read_only}
        path: list[str] = []
        scratch = str(folder / "cache") if self._bare else "/tmp"
        env = {"HARNESS_ENV": INSIDE, **{key: text.format(scratch) for key, text in CACHED.items()}}
        env.update(self._tools.env)
        if self._setup:
            env.update(test_variables(INSIDE, scratch, lambda at: (folder / "env" / at).is_dir()))
        kept = left_in(folder / "work")
        for number, place in enumerate(kept):
            relative = place.relative_to(folder / "work").as_posix()
            if not self._bare:  # without a mount, what is in there must stay where it was made
                place = place.rename(folder / f"kept-{number}")
            shown[str(place)] = f"{WORK}/{relative}"
        shown.update({**_modules(folder / "env"), **filled.servers.shown})
        for host, inside in shown.items():
            path += program_folders_in(
                Path(host), inside, program_folders() if inside == INSIDE else ()
            )
            if (Path(host) / "pyvenv.cfg").exists():
                env.setdefault("VIRTUAL_ENV", inside)
        if (folder / "env" / "venv" / "pyvenv.cfg").exists():
            env["VIRTUAL_ENV"] = f"{INSIDE}/venv"
        for host in shown:
            if Path(host).name == "node_modules" or (Path(host) / ".bin").is_dir():
                writable_caches(Path(host))
        if not self._bare:
            remove_tree(folder / "work")
        env.update(services.variables(self._services))
        return Environment(
            id=name,
            read_only=shown,
            env={**env, **self._python(env, shown, path)},
            services=filled.servers.started,
            log=filled.log,
        )

    def _python(
        self, env: Mapping[str, str], shown: dict[str, str], path: list[str]
    ) -> dict[str, str]:
        """PATH, and what Python must find beside the packages that set-up installed."""
        search = []
        if self._bare and "VIRTUAL_ENV" in env:
            search += [f"{WORK}/src", WORK]  # an editable install there knows one tree only
        if not self._setup and self._pytest.is_dir():
            shown[str(self._pytest)] = PYTEST_INSIDE
            search.append(PYTEST_INSIDE)
            path.append(f"{PYTEST_INSIDE}/bin")
        more = {"PATH": ":".join(dict.fromkeys((*path, *self._tools.path)))}
        return {**more, "PYTHONPATH": ":".join(search)} if search else more


def _read_whole(folder: Path) -> Environment | None:
    """The environment there, used now; None for what is absent, half-made or damaged. Blocks."""
    record = folder / RECORD
    try:
        made = Environment.model_validate_json(record.read_bytes())
        # what it shows of other folders that are kept is used now, too
        for used in {record, *(Path(host).parent / RECORD for host in made.read_only)}:
            if used.exists():
                os.utime(used)
    except (OSError, ValueError):
        return None
    whole = made.id == folder.name and all(Path(host).exists() for host in made.read_only)
    return made if whole else None


def _modules(env: Path) -> dict[str, str]:
    """$HARNESS_ENV/node_modules is what node looks for at the top of the tree."""
    modules = env / "node_modules"
    return {str(modules): f"{WORK}/node_modules"} if modules.is_dir() else {}

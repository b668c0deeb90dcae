"""Rules for what Node's package managers and runners print; see mend_python."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from harness.testruns.detect.managers import FLAGS, manager_of, read_package
from harness.testruns.detect.node import NEEDS
from harness.testruns.detect.part import within
from harness.testruns.recipes.scene import Mended, Scene

PNPM_OF_LOCK = {"5": "7", "6": "8", "7": "9", "9": "9"}
DOWNLOADS = {
    "PUPPETEER_SKIP_CHROMIUM_DOWNLOAD": r"PUPPETEER_SKIP_CHROMIUM_DOWNLOAD",
    "PUPPETEER_SKIP_DOWNLOAD": r"(?i:puppeteer)|set up [Cc]hrom(?:e|ium)",
    "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": r"playwright",
    "CYPRESS_INSTALL_BINARY": r"[Cc]ypress",
    "ELECTRON_SKIP_BINARY_DOWNLOAD": r"(?<![\w-])electron(?![\w-])",
    "SENTRYCLI_SKIP_DOWNLOAD": r"sentry-cli|sentrycli",
    "CHROMEDRIVER_SKIP_DOWNLOAD": r"[Cc]hrome[Dd]river",
}
"""Variable -> what a line says of what it leaves out; the first one decides."""
FAILS = re.compile(
    r"[Ff]ailed|could not|couldn't|[Uu]nable|ERR!|(?i:error)\b|ENOTFOUND|EAI_AGAIN|ECONN"
    r"|getaddrinfo"
)
FETCHES = re.compile(
    r"[Dd]ownload|ENOTFOUND|EAI_AGAIN|ECONN|getaddrinfo|install: `|postinstall|set up"
    r"|(?:ERR!|error) path .*/node_modules/|/node_modules/\S+: Command failed|YN0009"
)
GIVEN_BY = {
    "tsc": "typescript",
    "ng": "@angular/cli",
    "run-s": "npm-run-all",
    "run-p": "npm-run-all",
    "playwright": "@playwright/test",
    "vue-cli-service": "@vue/cli-service",
    "biome": "@biomejs/biome",
    "stencil": "@stencil/core",
}
"""Program -> the package of another name that brings it."""
PLAIN = f"npm install {FLAGS} --no-package-lock"
BUILDS = ("build", "compile", "prepare", "prepack", "tsc")


def _package(scene: Scene) -> dict[str, Any]:
    return read_package(scene.folder, scene.read)


def take_other_pnpm(scene: Scene) -> Mended | None:
    """The pnpm that the project, or its lock file, is written for."""
    wants = scene.find(
        r"Expected version: \D*(\d+)[\d.x]*[^\n]*\n\s*Got: \d"
        r"|configured to use v(\d+)\.[\w.-]+ of pnpm"
        r"|requires pnpm \D*(\d+)"
    )
    lock = scene.find(
        r"ERR_PNPM_LOCKFILE_BREAKING_CHANGE"
        r"|not compatible with (?:the )?current (?:version of )?pnpm"
        r"|[Ii]gnoring not compatible lockfile|ERR_PNPM_BROKEN_LOCKFILE|ERR_PNPM_NO_LOCKFILE"
    )
    version = next(filter(None, wants.groups()), "") if wants else ""
    if lock is not None and not version:
        text = scene.read(scene.below("pnpm-lock.yaml")) or ""
        said = re.search(r"(?m)^lockfileVersion:\s*['\"]?(\d+)", text)
        version = PNPM_OF_LOCK.get(said[1], "") if said else ""
    if scene.stage != "setup" or not version:
        return None
    recipe = scene.in_setup(lambda c: re.sub(r"\bpnpm@[\w.^~-]+", f"pnpm@{version}", c))
    return scene.mended("manager", recipe, name=f"pnpm {version}")


def take_other_yarn(scene: Scene) -> Mended | None:
    """yarn 1 on a project of a later yarn, or the other way round."""
    later = scene.find(
        r"packageManager\": \"(yarn@[2-9][\d.]*)"
        r"|lockfile.*__metadata|(?:Unknown token.*INVALID|Invalid value type).*yarn\.lock"
        r"|Usage Error: The nearest package directory"
    )
    earlier = scene.find(r"YN0000:.*lockfile.*(?:v1|Yarn 1)|packageManager\": \"yarn@1\.")
    if scene.stage != "setup" or not (later or earlier):
        return None
    locked = scene.below("yarn.lock") in scene.there
    told = "yarn@1" if later is None else later[1] or ("" if locked else "yarn@4")
    manager = manager_of(scene.folder, scene.files, scene.read, told)
    pattern = (
        r"(?:YARN_\w+=\S+ )*npx --yes (?:yarn|@yarnpkg/cli-dist)@[\w.-]+ install(?: --[\w-]+)*"
    )
    recipe = scene.in_setup(lambda c: re.sub(pattern, lambda _: manager.install, c))
    return scene.mended("manager", recipe, name=manager.start)


def loosen_lock(scene: Scene) -> Mended | None:
    """A lock file that does not fit the manifest any more."""
    cannot = scene.find(
        r"`npm ci` can only install|npm ci can only install|Missing: .* from lock file"
        r"|Invalid: lock file's|ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_LOCKFILE_CONFIG_MISMATCH"
        r"|lockfile needs to be updated, but yarn was run|YN0028"
        r"|lockfile had changes, but lockfile is frozen"
    )
    if scene.stage != "setup" or cannot is None:
        return None

    def change(command: str) -> str:
        command = re.sub(r"\bnpm ci\b(?: --no-audit --no-fund)?", PLAIN, command)
        if "pnpm" in command:
            return command.replace(" --frozen-lockfile", " --no-frozen-lockfile")
        return re.sub(r" --(?:frozen-lockfile|immutable)\b", "", command)

    return scene.mended("unlocked", scene.in_setup(change))


def keep_old_peers(scene: Scene) -> Mended | None:
    """Packages that disagree about their peers."""
    disagree = scene.find(r"(?:ERR!|error) (?:code )?ERESOLVE|unable to resolve dependency tree")
    strict = scene.find(
        r"\bERR_PNPM_PEER_DEP_ISSUES\b|ERROR\s+\S+ requires a peer of .* but (?:none|version)"
    )
    if scene.stage != "setup" or not (disagree or strict):
        return None

    def change(command: str) -> str:
        if strict is not None:
            pattern = r"\b(pnpm(?:@\S+)? (?:install|i))\b(?!.*strict-peer-dependencies)"
            return re.sub(pattern, r"\1 --no-strict-peer-dependencies", command)
        pattern = r"\bnpm (ci|install)\b(?! --legacy-peer-deps)"
        return re.sub(pattern, r"npm \1 --legacy-peer-deps", command)

    return scene.mended("peers" if strict is None else "loose_peers", scene.in_setup(change))


def ignore_engine(scene: Scene) -> Mended | None:
    """A package that says it is for another node than ours: taken all the same, once."""
    cannot = scene.find(
        r"code EBADENGINE|error .*The engine \"node\" is incompatible|ERR_PNPM_UNSUPPORTED_ENGINE"
        r"|(?:ERR!|error) (?:notsup|engine) Not compatible with your version of node"
    )
    if scene.stage != "setup" or cannot is None:
        return None

    def change(command: str) -> str:
        if re.search(r"\byarn@1 install\b(?!.*--ignore-engines)", command):
            return f"{command} --ignore-engines"
        if "engine_strict" in command or not re.search(r"\b(?:npm|pnpm@\S+)\b", command):
            return command
        return f"export npm_config_engine_strict=false && {command}"

    return scene.mended("engine", scene.in_setup(change))


def skip_downloads(scene: Scene) -> Mended | None:
    """A package that fetches a browser or the like when it is installed."""
    if scene.stage != "setup":
        return None
    lines = [one for one in scene.said.splitlines() if FAILS.search(one) and FETCHES.search(one)]
    for name, mark in DOWNLOADS.items():
        if any(re.search(mark, line) for line in lines):
            value = "0" if name == "CYPRESS_INSTALL_BINARY" else "1"
            given = f"export {name}={value} && "
            recipe = scene.with_setup(*(c if given in c else given + c for c in scene.recipe.setup))
            return scene.mended("download", recipe, name=name)
    return None


def skip_scripts(scene: Scene) -> Mended | None:
    """A hook of the project's own that its installation ends with: git hooks, a build."""
    cannot = scene.find(
        r"(?:husky|lefthook|simple-git-hooks)\b.*(?:not found|can't be found|(?i:failed))"
        r"|Error: \.git can't be found|not able to set git hooks|not a git repository"
        r"|(?:sh|bash): .*\b(?:prepare|tsc|rollup|only-allow|is-ci|patch-package|bob|tsup)\b.*"
        r"not found|npm (?:ERR!|error) command (?:failed|sh -c).*|code ELIFECYCLE"
        r"|(?:ERR!|error) .*preinstall"
        r"|ERR_PNPM_PREPARE"
    )
    if scene.stage != "setup" or cannot is None:
        return None
    pattern = r"\b(npm (?:ci|install)|pnpm@\S+ install|yarn@1 install)\b(?!.*--ignore-scripts)"
    recipe = scene.in_setup(lambda c: re.sub(pattern, r"\1 --ignore-scripts", c))
    return scene.mended("scripts", recipe)


def build_first(scene: Scene) -> Mended | None:
    """Tests of what the project's own script builds, which is no part of its tree."""
    missing = scene.all(
        r"""(?:Cannot find module|Could not resolve|Failed to resolve import|ENOENT[^\n]*open|"""
        r"""Cannot find package|Failed to load url|Failed to resolve entry for package) """
        r"""['"]?([^'"\s]+)"""
    )
    built = re.compile(r"(?:^|/)(?:dist|lib|build|out|cjs|esm|es|umd|generated|\.build)(?:/|$)")
    own = str(_package(scene).get("name", "-"))
    lacking = [m for m in missing if (built.search(m) and "node_modules" not in m)
               or m == own or m.startswith(f"{own}/")]  # fmt: skip
    scripts = _package(scene).get("scripts")
    named = next((n for n in BUILDS if isinstance(scripts, dict) and scripts.get(n)), "")
    if scene.stage != "suite" or not lacking or not named:
        return None
    if f"run {named}" in scene.recipe.test:
        return None
    going = re.match(r"(cd \S+ && )?", scene.recipe.test)
    start = going[0] if going else ""
    command = f"{start}npm run {named} && {scene.recipe.test[len(start) :]}"
    return scene.mended("build", scene.with_test(command), name=f"npm run {named}")


def install_packages(scene: Scene) -> Mended | None:
    """The suite began without what package.json asks for: nothing was installed there."""
    names = scene.all(
        r"""(?:Cannot find module|Cannot find package|Failed to resolve import) """
        r"""['"]((?:@[\w.-]+/)?[\w.-]+)"""
    )
    names += scene.all(
        r"(?:Preset|Module|Test environment) ((?:@[\w.-]+/)?[\w.-]+)"
        r"(?: in the [\w ]+ option)? (?:was not|not|cannot be) found"
    )
    called = scene.all(r"(?:sh|bash): (?:line )?(?:\d+: )?([\w.-]+): (?:command )?not found")
    names += tuple(GIVEN_BY.get(name, name) for name in called)
    package = _package(scene)
    asked = {name for key in NEEDS for name in (package.get(key) or {})}
    installed = any(re.search(r"\b(?:npm|pnpm|yarn|bun)\b.*\binstall\b|\bnpm ci\b", c)
                    for c in scene.recipe.setup)  # fmt: skip
    lacking = [n for n in names if n in asked or posixpath.basename(n) in asked]
    if scene.stage != "suite" or installed or not lacking:
        return None
    if any(str(rule).startswith(("workspace:", "portal:", "patch:", "catalog:", "link:"))
           for key in NEEDS for rule in (package.get(key) or {}).values()):  # fmt: skip
        return None
    manager = manager_of(scene.folder, scene.files, scene.read)
    install = within(scene.folder, manager.install)
    recipe = scene.with_setup(*scene.recipe.setup, install)
    return scene.mended("packages", recipe, names=", ".join(lacking[:5]))


def allow_old_openssl(scene: Scene) -> Mended | None:
    """A bundler older than node's OpenSSL 3."""
    old = scene.find(
        r"ERR_OSSL_EVP_UNSUPPORTED|digital envelope routines::unsupported"
        r"|library: 'digital envelope routines',\s+reason: 'unsupported'"
    )
    given = (*scene.recipe.setup, scene.recipe.test)
    if old is None or any("openssl-legacy-provider" in command for command in given):
        return None
    at_setup = scene.stage == "setup"
    recipe = scene.in_environment("NODE_OPTIONS", "--openssl-legacy-provider", setup=at_setup)
    return scene.mended("openssl", recipe)

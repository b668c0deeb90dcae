"""What the adapters can do at all: every call that writes is on a list here, values never become
options of git, and no shell is in between (T13, T37)."""

from __future__ import annotations

import ast
import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from harness.core.errors import HarnessError
from harness.core.types import Remote
from harness.git.workspace import Author, ProjectWorkspace
from tests.environment.projects import Project, git
from tests.pipeline.outbound.doorway import AT

ROOT = Path(__file__).parents[2]
PRODUCT = sorted((ROOT / "harness").rglob("*.py"))
WRITTEN = {
    # an issue, its labels, its comments; ours alone are edited (the adapter looks by marker and id)
    "POST /issues",
    "PATCH /issues/{}",
    "POST /issues/{}/labels",
    "DELETE /issues/{}/labels/{}",
    "POST /issues/{}/comments",
    "PATCH /issues/comments/{}",
    # a pull request: no review is given, none is dismissed, no branch but the merged one goes
    "POST /pulls",
    "PATCH /pulls/{}",
    "POST /pulls/{}/requested_reviewers",
    "PUT /pulls/{}/merge",
    "POST /pulls/{}/comments/{}/replies",
    "PATCH /pulls/comments/{}",
    "DELETE /git/refs/heads/{}",
    # checks
    "POST /check-runs",
    "PATCH /check-runs/{}",
    "POST /statuses/{}",
    "POST /actions/jobs/{}/rerun",
    "POST /check-runs/{}/rerequest",
    # leases: refs of our own, beside branches and tags
    "POST /git/refs",
    "PATCH /git/refs/harness/lease/{}",
    "POST /git/commits",
    # doctor's harmless tries
    "DELETE /git/refs/harness/probe/{}",
    "POST /labels",
    "DELETE /labels/{}",
    "POST /actions/jobs/0/rerun",
}
MUTATIONS = {
    "markPullRequestReadyForReview",
    "resolveReviewThread",
    "enqueuePullRequest",
    "enablePullRequestAutoMerge",
}


def shape(node: ast.expr, names: dict[str, list[ast.expr]]) -> set[str]:
    """The texts an expression may be, `{}` for every part that is computed."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.JoinedStr():
            return {"".join(next(iter(shape(p, {})), "") for p in node.values)}
        case ast.FormattedValue():
            return {"{}"}
        case ast.IfExp():
            return shape(node.body, names) | shape(node.orelse, names)
        case ast.Name(id=name) if name in names:
            return {text for given in names[name] for text in shape(given, names)}
    return {f"? {ast.unparse(node)}"}


def requests_in(path: Path) -> Iterator[str]:
    """VERB and path of each request that a module writes with."""
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "send":
                continue
            if len(node.args) < 2 or not isinstance(node.args[0], ast.Constant):
                continue
            for tail in shape(node.args[1], names):
                yield f"{node.args[0].value!s} {tail}"


def test_every_request_that_writes_is_on_the_list() -> None:
    found = {one for path in PRODUCT if "forge" in path.parts for one in requests_in(path)}
    assert found == WRITTEN
    assert not [one for one in found if "reviews" in one or "dismiss" in one or "force" in one]


def test_every_mutation_is_on_the_list() -> None:
    text = "\n".join(p.read_text() for p in PRODUCT if "forge" in p.parts)
    found = re.findall(r"mutation \w+\([^)]*\) \{\s+(\w+)\(", text)
    assert set(found) == MUTATIONS
    assert len(found) == len(re.findall(r"\bmutation\b [A-Z]", text))


def test_a_ref_is_made_or_moved_beside_branches_and_tags_only() -> None:
    """The branch of a pull request is pushed, not made by a request."""
    for name in ("lease.py", "powers.py"):
        path = ROOT / "harness" / "forge" / "github" / name
        asked = [
            text
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Dict)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and key.value == "ref"
            for text in shape(value, {})
        ]
        assert asked
        assert set(asked) <= {"refs/harness/probe/{}", "refs/{}"}, asked
    lease = (ROOT / "harness" / "forge" / "github" / "lease.py").read_text()
    assert re.findall(r"\bref = (.*)", lease) == ['f"harness/lease/{wanted.issue}"']


def strings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_a_push_is_made_in_one_place_and_never_by_force() -> None:
    bad = {"--force", "-f", "--mirror", "--tags", "--delete", "--all", "--prune", "--follow-tags"}
    pushes = []
    for path in PRODUCT:
        text = path.read_text()
        words = {word for _, word in strings(path)}
        if "--force-with-lease=" in text or re.search(r"(?:[(*]|^\s+)\"push\", \"--", text, re.M):
            pushes.append(path.relative_to(ROOT).as_posix())
            assert not words & bad, path
            assert not [w for w in words if w.startswith("+refs/heads")], path
    # `harness init` puts a person's own branch on the embedded forge, by their own git
    assert pushes == ["harness/git/own_repository.py", "harness/git/workspace.py"]


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_no_shell_is_ever_between() -> None:
    for path in [*PRODUCT, *sorted((ROOT / "scripts").glob("*.py"))]:
        for name, node in calls(path):
            assert name not in ("os.system", "os.popen", "subprocess.getoutput"), path
            assert not name.endswith("create_subprocess_shell"), path
            for keyword in node.keywords:
                assert keyword.arg != "shell", f"{path}:{node.lineno}"


# ---------------------------------------------------------------- an argv recorder

HOSTILE = [
    *("--upload-pack=touch {trap}", "--receive-pack=touch {trap}", "--exec=touch {trap}"),
    *("--output={trap}", "-o{trap}", "--git-dir={trap}", "-c core.sshCommand=touch {trap}"),
    *("-", "--", "---x", "-h", "--help", "--version", "--force", "-f", "--delete", "--mirror"),
    *("a;touch {trap}", "$(touch {trap})", "`touch {trap}`", "a$IFS$9b", "a|touch {trap}"),
    *("a&touch {trap}", "a>{trap}", "'; touch {trap}; '", '"; touch {trap}; "', "a\ntouch {trap}"),
    *("ext::sh -c 'touch {trap}'", "file://{trap}", "../../{trap}", "/etc/passwd", "~root"),
    *(":(exclude)*", ":/", ":!x", "@{{-1}}", "HEAD:main", "+main:main", "refs/heads/-x", "%(x)"),
    *("--end-of-options", "\x1b[31mred", "a\u202eb", "가나다 --all", "x" * 300, "\\", "*", "?"),
]


def recorder(folder: Path) -> tuple[Path, Path]:
    """A git that writes down its arguments and becomes git."""
    log, shim = folder / "argv.log", folder / "git"
    real = shutil.which("git")
    shim.write_text(
        f"#!/bin/sh\nprintf '%s\\0' \"$@\" >>'{log}'\nprintf '\\001\\0' >>'{log}'\n"
        f"exec '{real}' \"$@\"\n"
    )
    shim.chmod(0o755)
    return shim, log


def recorded_requests(log: Path) -> list[list[str]]:
    data = log.read_bytes().decode("utf-8", "surrogateescape")
    return [call.split("\0")[:-1] for call in data.split("\x01\0") if call]


def loose(argv: list[str], value: str) -> bool:
    """Whether git may take this value for an option, or for a second argument."""
    options = True
    for word in argv:
        if word in ("--", "--end-of-options") and word != value:
            options = False
        elif options and word == value:
            return True
    return False


async def test_no_hostile_value_becomes_an_option_or_reaches_a_shell(tmp_path: Path) -> None:
    """As a title, a ref and a path; the recorder stands where git stands."""
    project, trap = Project(tmp_path), tmp_path / "trap"
    project.push({"a.txt": "one\n"})
    shim, log = recorder(tmp_path)
    values = [one.format(trap=trap) for one in HOSTILE]
    assert len(values) >= 40

    log.touch()

    async def use(ours: ProjectWorkspace, value: str, base: str, blob: str) -> None:
        tree = await ours.tree_of(base)
        commit = await ours.commit(tree, [base], f"{value}\n\n{value}", AT)
        for asked in (
            ours.resolve(value),
            ours.push(commit, value, None),
            ours.file(tree, value),
            ours.blob(tree, value),
            ours.entry(tree, value),
            ours.with_files(tree, {value: blob}),
            ours.copy(value, tree, base),
        ):
            with contextlib.suppress(HarnessError):
                await asked

    async def go() -> list[list[str]]:
        ours = ProjectWorkspace(
            tmp_path / "again",
            "own/project",
            lambda: Remote(url=str(project.forge)),
            Author("Harness", "harness@example.org"),
            project.made,
            str(shim),
        )
        await ours.sync()
        base, blob = await ours.resolve("main"), await ours.put_blob(b"x\n")
        await use(ours, "plain", base, blob)
        usual = recorded_requests(log)
        log.write_bytes(b"")
        for value in values:
            await use(ours, value, base, blob)
        return usual

    words = {word for argv in await go() for word in argv}
    seen = recorded_requests(log)
    assert len(seen) > 4 * len(values)
    assert any("$(touch" in word for argv in seen for word in argv)
    for argv in seen:
        for value in values:
            # what our own commands say anyway tells nothing
            assert value in words or not loose(argv, value), (value, argv)
    assert not trap.exists()
    assert not (tmp_path / "again" / "trap").exists()
    heads = git(project.forge, "for-each-ref", "--format=%(refname)").splitlines()
    assert [ref for ref in heads if ref.startswith("refs/heads/-") or "main:" in ref] == []

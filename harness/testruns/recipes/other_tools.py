"""Commands of the other languages' tools: what they fetch is kept in $HARNESS_ENV, from where the
tests have it without a network. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from harness.testruns.detect.part import within
from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.script import Command
from harness.testruns.registry import marked_in

ENV = '"$HARNESS_ENV/{}"'
GO = f"GOMODCACHE={ENV.format('go')} "
CARGO = f"CARGO_HOME={ENV.format('cargo')} "
M2 = f"-Dmaven.repo.local={ENV.format('m2')}"
BUNDLE = f"BUNDLE_PATH={ENV.format('bundle')} "
NUGET = f"NUGET_PACKAGES={ENV.format('nuget')} "
VENDOR = f"COMPOSER_VENDOR_DIR={ENV.format('vendor')} "
MIX = " ".join(f"{name}={ENV.format('mix')}" for name in ("MIX_DEPS_PATH", "MIX_HOME", "HEX_HOME"))
GOALS = frozenset(["test", "verify", "package", "install", "integration-test", "deploy"])


def go(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`go test`; what else go does of itself is done when the tests need it."""
    if words[:1] not in (("test",), ["test"]):
        builder.doubts += words[:1] in (("generate",), ["generate"])
        return
    kept = [w for w in words if not re.match(r"-{1,2}(?:cover|race|failfast|json|timeout)", w)]
    if "-timeout" in words:
        at = list(words).index("-timeout")
        kept = [w for w in kept if w != "".join(words[at + 1 : at + 2])]
    module = posixpath.join(command.folder, "vendor/modules.txt")
    vendored = builder.tree.has(module)
    if not vendored:
        builder.prepare(within(command.folder, f"{GO}GOFLAGS=-modcacherw go mod download"))
    start = "" if vendored else f"{GO}GOPROXY=off "
    builder.test(command, f"{start}go {rest_of(kept)}", "go")


def gotestsum(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """What it adds to `go test` is how it is shown."""
    rest = list(words[words.index("--") + 1 :]) if "--" in words else ["./..."]
    go(builder, command, ("test", *rest))


def cargo(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`cargo test`, `cargo nextest run`; other commands of it check or build."""
    rest = [word for word in words if not word.startswith("+")]
    text = f"cargo {rest_of(rest)}"
    if rest[:1] == ["t"]:
        text = f"cargo test {rest_of(rest[1:])}".strip()
    if rest[:1] not in (["test"], ["t"], ["nextest"]) or "--no-run" in rest:
        return
    if rest[:1] == ["nextest"] and "run" not in rest:
        return
    at = rest.index("--manifest-path") if "--manifest-path" in rest else -1
    where = f" --manifest-path {rest[at + 1]}" if 0 <= at < len(rest) - 1 else ""
    lock = posixpath.join(command.folder, posixpath.dirname(where.split()[-1]) if where else "")
    locked = " --locked" if builder.tree.has(posixpath.join(lock, "Cargo.lock")) else ""
    builder.prepare(within(command.folder, f"{CARGO}cargo fetch{locked}{where}"))
    text = re.sub(r" --(?:frozen|no-fail-fast)\b", "", text)
    builder.test(command, f"{CARGO}CARGO_NET_OFFLINE=true {text}", marked_in(text) or "cargo")


def maven(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """A first run has everything that the tests need: the goal that lists it leaves plugins out."""
    program, rest = words[0], list(words[1:])
    goals = [word for word in rest if word in GOALS]
    if not goals or any("skipTests" in word or "maven.test.skip" in word for word in rest):
        return
    kept = [w for w in rest if w not in GOALS and w not in ("clean", "-o", "-B", "--offline")]
    kept = [w for w in kept if not re.match(r"(?:-T.*|-ntp|--no-transfer-progress|-U|site.*)$", w)]
    kept = [w for w in kept if not re.fullmatch(r"[a-z][\w.-]*:[\w:.-]+", w)]
    told = " ".join(["-B", M2, rest_of(kept)]).strip()
    start = f"sh {program}" if program == "./mvnw" else "mvn"
    start = program if program.startswith("./") else start
    ignoring = "-Dmaven.test.failure.ignore=true"
    builder.prepare(within(command.folder, f"{start} {told} {ignoring} test"))
    builder.test(command, f"{start} {told} -o test", "maven")


def gradle(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """Gradle writes where it keeps what it fetched: the tests have a copy of it."""
    program, rest = words[0], list(words[1:])
    tasks = [w for w in rest if re.fullmatch(r"(?:[\w:-]*:)?(?:test|check|build)", w)]
    if not tasks:
        return
    tests = [re.sub(r"(?:check|build)$", "test", task) for task in tasks]
    kept = [w for w in rest if w not in tasks and w.startswith(("-P", "-D", "-p", "-x"))]
    told = rest_of([*dict.fromkeys(tests), *kept])
    home = ENV.format("gradle")
    builder.prepare(
        within(command.folder, f"GRADLE_USER_HOME={home} {program} {told} --continue || true")
    )
    copied = f"{{ [ -d /tmp/gradle ] || cp -r {home} /tmp/gradle; }}"
    text = f"{copied} && GRADLE_USER_HOME=/tmp/gradle {program} --offline {told}"
    builder.test(command, text, "gradle")


def bundle(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`bundle install`, `bundle exec`; without a Gemfile what it would run, by itself."""
    if words[:1] in (("exec",), ["exec"]) and not _has_gemfile(builder, command):
        RUBY.get("".join(words[1:2]), _no_ruby)(builder, command, words[2:])
    elif words[:1] in (("install",), ["install"]) or not words:
        builder.prepare(within(command.folder, f"{BUNDLE}bundle install"))
    elif words[:1] in (("exec",), ["exec"]):
        text = f"bundle {rest_of(words)}"
        if text.endswith("exec rake"):
            text += _rake_task(builder, command.folder)
        kind = marked_in(text)
        if kind or re.search(r"\brake(?: (?:test|spec|default))?$", text):
            builder.prepare(within(command.folder, f"{BUNDLE}bundle install"))
            builder.test(command, f"{BUNDLE}BUNDLE_FROZEN=true {text}", kind or "none")


def _rake_task(builder: Builder, folder: str) -> str:
    """What its Rakefile runs by default, where that is plain: results need its name."""
    rakefile = builder.tree.text(posixpath.join(folder, "Rakefile"))
    found = re.search(r"(?m)^\s*task\s*:?default\s*(?:=>|:)\s*\[?\s*[:\"'](test|spec)\b", rakefile)
    return f" {found[1]}" if found else ""


def rake(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """rake's test tasks, with what the Gemfile names where there is one."""
    if not words or words[0] in ("test", "spec", "default"):
        if _has_gemfile(builder, command):
            bundle(builder, command, ("exec", "rake", *words))
        else:
            text = rest_of(["rake", *words])
            text += "" if words else _rake_task(builder, command.folder)
            builder.test(command, text, marked_in(text) or "none")


def rspec(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """With what the Gemfile names where there is one."""
    if _has_gemfile(builder, command):
        bundle(builder, command, ("exec", "rspec", *words))
    else:
        builder.test(command, rest_of(["rspec", *words]), "rspec")


def _has_gemfile(builder: Builder, command: Command) -> bool:
    return builder.tree.has(posixpath.join(command.folder, "Gemfile"))


def _no_ruby(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """Another program's business."""


RUBY = {"rspec": rspec, "rake": rake}


def composer(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`composer install`, and its test script."""
    if words[:1] in (("install",), ("update",), ["install"], ["update"]):
        kept = [word for word in words[1:] if word.startswith("--ignore-platform")]
        builder.prepare(
            within(
                command.folder,
                f"{VENDOR}composer install --no-interaction --no-progress {rest_of(kept)}".strip(),
            )
        )


def phpunit(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """With the packages in the place where the project looks for them."""
    kept = [word for word in words if not re.match(r"--(?:coverage|log-junit|stop-on)", word)]
    linked = f"{{ [ -e vendor ] || ln -s {ENV.format('vendor')} vendor; }}"
    text = " ".join(["vendor/bin/phpunit", rest_of(kept)]).strip()
    composer(builder, command, ("install",))
    builder.test(command, f"{linked} && {text}", "phpunit")


def own_phpunit(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """The machine's, where the project names no packages."""
    if builder.tree.has(posixpath.join(command.folder, "composer.json")):
        phpunit(builder, command, words)
        return
    kept = [word for word in words if not re.match(r"--(?:coverage|log-junit|stop-on)", word)]
    builder.test(command, rest_of(["phpunit", *kept]), "phpunit")


def dotnet(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`dotnet test`."""
    if words[:1] in (("test",), ["test"]):
        kept = [w for w in words if not re.match(r"--(?:no-build|no-restore|collect|logger)", w)]
        builder.prepare(within(command.folder, f"{NUGET}dotnet restore"))
        builder.test(command, f"{NUGET}dotnet {rest_of(kept)}", "dotnet")


def mix(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`mix test`."""
    if words[:1] in (("test",), ["test"]):
        builder.prepare(within(command.folder, f"{MIX} MIX_ENV=test mix deps.get"))
        kept = [word for word in words if word not in ("--cover", "--warnings-as-errors")]
        builder.test(command, f"{MIX} mix {rest_of(kept)}", "mix")


def ctest(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """With what was built before it."""
    builder.test(command, rest_of(["ctest", *words]), "ctest")


def compiling(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """What is made of the sources is made again before the tests."""
    builder.build(command, again=True)

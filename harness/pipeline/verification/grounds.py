"""Whether a failing test is ground enough to change the product: how it was run, what failed, and
what it looked at. Pure; each answer is None or a text for the agent that says the way on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from harness.core.base import Value
from harness.core.types import Failure
from harness.pipeline.verification.test_text import mentions
from harness.prompting.templates import PromptText, prompt_text
from harness.testruns.command import runner_of
from harness.testruns.detect.detection import single
from harness.testruns.nearness import STARTS
from harness.weakening.sides import side_of

CODE = re.compile(r"\.(py|pyx|[cm]?[jt]sx?|vue|svelte|rs|go|rb|java|kt|cs|php|swift|c|cc|cpp|ex)$")
RUNS = re.compile(
    r"\b(pytest|py\.test|unittest|vitest|jest|mocha|node\s+--test|npm|pnpm|yarn|npx|bun|tox|nox|"
    r"make|hatch|poetry|uv|pdm|go\s+test|gotestsum|cargo|ctest|mvnw?|gradlew?|rspec|rake|rails\s+test|"
    r"phpunit|composer|dotnet|mix|ava|tape|bats|prove)\b"
)
BUILTIN = frozenset(
    [
        "NoneType",
        "str",
        "int",
        "float",
        "bool",
        "list",
        "dict",
        "tuple",
        "set",
        "frozenset",
        "bytes",
        "bytearray",
        "complex",
        "range",
        "slice",
        "function",
        "method",
        "generator",
        "coroutine",
        "builtin_function_or_method",
        "undefined",
        "null",
    ]
)
MISSING = frozenset(
    [
        "ImportError",
        "ModuleNotFoundError",
        "FileNotFoundError",
        "SyntaxError",
        "IndentationError",
        "TabError",
        "NameError",
        "UnboundLocalError",
        "ReferenceError",
        "NotADirectoryError",
        "FixtureLookupError",
    ]
)
KIND = re.compile(
    r"\b([A-Z]\w*(?:Error|Exception|NotFound|Exit|Interrupt|Warning)|StopIteration)\b"
)
NO_NAME = (
    re.compile(r"module '[\w.]+' has no attribute '(?P<name>\w+)'"),
    re.compile(r"type object '\w+' has no attribute '(?P<name>\w+)'"),
)
NO_MEMBER = re.compile(r"'(?P<owner>\w+)' object has no attribute '(?P<name>\w+)'")
NO_ARGUMENT = re.compile(r"unexpected keyword argument '(?P<name>\w+)'")
NO_FUNCTION = re.compile(r"(?:[\w.$]+\.)?(?P<name>[\w$]+)\)? is not a (?:function|constructor)")
ABSENT = re.compile(
    r"fixture '[^']+' not found|Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|"
    r"MODULE_NOT_FOUND|does not provide an export named|ENOENT|error TS\d+"
)
INSPECTS = re.compile(
    r"\bgetsource\w*|\bfindsource\b|\blinecache\b|__code__|\bco_(?:code|consts|names)\b|"
    r"Function\.prototype\.toString|\bast\.parse\b[^\n]*__file__"
)
READS = re.compile(
    r"\bopen\s*\(|\bread_(?:text|bytes|binary)\b|\breadFile(?:Sync)?\b|\breadlines?\s*\(|"
    r"\bget_data\s*\(|\bfileinput\b|\bcreateReadStream\b|\?raw\b"
)
TOOLS = re.compile(
    r"""["'`\s](?:/usr)?(?:/bin/)?"""
    r"""(?:grep|egrep|rg|ag|sed|awk|cat|head|tail|wc|findstr|diff|git)(?=["'`\s])"""
)
DEFINED = re.compile(
    r"^[ \t]*(?:export\s+)?(?:default\s+)?(?:async\s+)?"
    r"(?:def|class|function\*?|interface|type|enum)\s+(\w+)",
    re.M,
)
METHOD = re.compile(r"^[ \t]+(?:static\s+|async\s+|get\s+|set\s+)*(\w+)\s*\([^()\n]*\)\s*\{", re.M)
ASSIGNED = re.compile(
    r"^(?:export\s+)?(?:const\s+|let\s+|var\s+)?([A-Za-z_]\w*)\s*(?::[^=\n]+)?=(?!=)", re.M
)
FUNCTIONAL = re.compile(
    r"^(?:export\s+)?(?:const|let|var)\s+(\w+)\s*=\s*(?:async\s*)?(?:\(|\w+\s*=>|function)", re.M
)
GONE = re.compile(
    r"\bhasattr\s*\(|\bdir\s*\(|__all__|\bvars\s*\(|raises\s*\(\s*\(?\s*(?:Import|Attribute)Error|"
    r"\btoBeUndefined\b|\bnot\.toHaveProperty\b|\btypeof\b|\bgetattr\s*\("
)
LITERAL = re.compile(r"""["'`]([^"'`\n]{1,200})["'`]""")
CODELIKE = re.compile(r"`+([^`\n]+)`+|\b([A-Za-z_]\w*)\s*\(|\b(\w+_\w+)\b|\b([a-z]+[A-Z]\w*)\b")
OTHER_WAY = prompt_text("grounds/other_way")


class Base(Value):
    """The base tree as a failure is judged by it."""

    sources: dict[str, str] = {}
    """Product code: path -> text."""
    files: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    """What the project calls its tests."""

    @cached_property
    def words(self) -> frozenset[str]:
        """Every identifier in the product's code."""
        return frozenset(w for text in self.sources.values() for w in re.findall(r"\w+", text))

    @cached_property
    def callables(self) -> frozenset[str]:
        """Names of its functions and classes."""
        forms = (DEFINED, METHOD, FUNCTIONAL)
        texts = self.sources.values()
        return frozenset(name for text in texts for form in forms for name in form.findall(text))

    @cached_property
    def constants(self) -> frozenset[str]:
        """Names given a value at the top of a file, that are no functions."""
        found = {name for text in self.sources.values() for name in ASSIGNED.findall(text)}
        return frozenset(found) - self.callables

    def product(self, path: str) -> bool:
        """True for a file of the product's code."""
        return is_code(path) and side_of(path, self.globs) == "product"


class Way(Value):
    """How named tests are run, and what those runs are kept as."""

    command: str
    reporter: str
    kind: str = "reproduction"


def is_code(path: str) -> bool:
    """True for a file of a programming language."""
    return bool(CODE.search(path))


def way_of(
    command: str, tests: Sequence[str], files: Sequence[str], runners: Iterable[str], suite: Way
) -> Way | PromptText:
    """The agent's own command where it is a plain run of a runner that the project has; else one
    made of the project's test command; else why it counts for nothing."""
    known = sorted({*runners} - {"none", ""})
    runner = runner_of(command)
    if runner in known:
        return Way(command=command, reporter=runner)
    if not runner and not RUNS.search(command):
        shown = command.strip().split("\n", 1)[0][:60]
        return prompt_text(
            "grounds/no_run", command=shown, runners=", ".join(known), other_way=OTHER_WAY
        )
    own = suite.reporter == "ctest"  # its names stand for themselves, and no file does
    wanted = tests if own or all("::" in test for test in tests) else files
    return Way(
        command=single(suite.command, suite.reporter, tuple(wanted)), reporter=suite.reporter
    )


def kind_of(failure: Failure) -> str:
    """The exception's bare class name; "" where nothing tells it."""
    if failure.kind:
        return failure.kind.rsplit(".", 1)[-1]
    found = KIND.findall(failure.text)
    return found[-1] if found else ""


def in_product(failure: Failure, base: Base) -> bool:
    """True when the innermost frame of the tree is the product's."""
    return bool(failure.frames) and base.product(_path(failure.frames[-1]))


def touches_product(failure: Failure, base: Base) -> bool:
    """True when any frame is the product's."""
    return any(base.product(_path(frame)) for frame in failure.frames)


def _path(frame: str) -> str:
    return frame.split(" ", 1)[0].rsplit(":", 1)[0]


def shallow(failure: Failure, issue: str, base: Base) -> PromptText | None:
    """Why this failure shows nothing but that something is not there; None when it shows more."""
    if failure.phase != "call":
        return prompt_text("grounds/outside_call", phase=failure.phase, other_way=OTHER_WAY)
    lacks = _lacks(failure, base)
    if lacks is None or (in_product(failure, base) and is_reported(failure, issue)):
        return None
    return prompt_text("grounds/something_missing", lacks=lacks, other_way=OTHER_WAY)


def _lacks(failure: Failure, base: Base) -> PromptText | None:
    kind, text = kind_of(failure), failure.text
    if kind in MISSING or kind.endswith("NotFound") or ABSENT.search(text):
        named = prompt_text("grounds/lacks_what", what=kind)
        return named if kind else prompt_text("grounds/lacks_file")
    if kind == "AttributeError":
        for form in NO_NAME:
            if found := form.search(text):
                return prompt_text("grounds/lacks_name", name=found["name"])
        found = NO_MEMBER.search(text)
        if found and found["owner"] not in BUILTIN and found["name"] not in base.words:
            return prompt_text("grounds/lacks_name", name=found["name"])
    if kind in ("TypeError", ""):
        found = NO_ARGUMENT.search(text) or NO_FUNCTION.search(text)
        if found and found["name"] not in base.words:
            return prompt_text("grounds/lacks_name", name=found["name"])
    return None


def is_reported(failure: Failure, issue: str) -> bool:
    """Whether the issue tells of this failure: its exception's name, a good part of its message,
    or the file that it names."""
    kind = kind_of(failure)
    if kind and re.search(rf"\b{re.escape(kind)}\b", issue):
        return True
    said = " ".join(issue.split()).casefold()
    for line in failure.text.splitlines():
        message = line.split(f"{kind}: ", 1)[-1] if kind and f"{kind}: " in line else ""
        message = " ".join(message.split()).casefold()[:60]
        if len(message) >= 12 and message in said:
            return True
    quoted = [item for item in LITERAL.findall(failure.text) if "." in item]
    return any(mentions(issue, PurePosixPath(item).name) for item in quoted)


def reads_source(text: str, base: Base) -> PromptText | None:
    """Why a test that looks at source text proves nothing; None when it does not. `text` is the
    named test and what it uses."""
    names = {PurePosixPath(path).name for path in base.sources}
    literals = {PurePosixPath(item.strip()).name for item in LITERAL.findall(text)}
    shown = {item for item in literals if item in names or re.fullmatch(r"\*?\.\w+", item)}
    aims = bool([i for i in shown if i in names or is_code(f"a{i.lstrip('*')}")]) or bool(
        re.search(r"\w\.__file__", text)
    )
    looks = bool(READS.search(text)) and aims
    by_tool = bool(STARTS.search(text) and TOOLS.search(text)) and (aims or bool(literals))
    printed = any(
        name in base.callables for name in re.findall(r"\b(\w+)\.toString\s*\(\s*\)", text)
    )
    if INSPECTS.search(text) or looks or by_tool or printed:
        return prompt_text("grounds/reads_source", other_way=OTHER_WAY)
    return None


def idle(
    text: str, ran: Sequence[str] | None, failure: Failure, issue: str, base: Base
) -> PromptText | None:
    """Why a test that never ran the product proves nothing; None when it did, or when nobody could
    tell (`ran` None)."""
    if ran is None or ran or touches_product(failure, base) or STARTS.search(text):
        return None
    if _looks_at_known(text, issue, base):
        return None
    return prompt_text("grounds/idle", other_way=OTHER_WAY)


def _looks_at_known(text: str, issue: str, base: Base) -> bool:
    """Whether it looks at a data file, a constant, or whether a name is there, that the base has
    and the issue names."""
    data = {PurePosixPath(path).name for path in base.files if not is_code(path)}
    literals = {PurePosixPath(item.strip()).name for item in LITERAL.findall(text)}
    if any(mentions(issue, name) for name in literals & data):
        return True
    used = set(re.findall(r"\w+", text))
    if any(mentions(issue, name) for name in used & base.constants):
        return True
    gone = bool(GONE.search(text))
    return gone and any(mentions(issue, name) for name in used & base.callables)


def named_in(issue: str, base: Base) -> frozenset[str]:
    """The product's functions and classes that the issue names as code."""
    said = {w for groups in CODELIKE.findall(issue) for g in groups for w in re.findall(r"\w+", g)}
    return frozenset(said & base.callables)


def spoken_of(functions: Iterable[str], issue: str) -> bool:
    """Whether the issue names one of these functions ("path::qualified name"), its class or its
    module, in whatever case: a word of the issue is the name, or a longer word of the name."""
    said = set(re.findall(r"[a-z0-9가-힣]+", issue.casefold()))
    for function in functions:
        path, _, name = function.partition("::")
        stem = PurePosixPath(path).stem
        names = [*name.split("."), PurePosixPath(path).parent.name if stem == "__init__" else stem]
        words = [w for one in names for w in (one.casefold(), *_parts(one)) if w]
        if said & set(words):
            return True
    return False


def _parts(name: str) -> list[str]:
    """The longer words that a name is made of."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word.casefold() for word in apart.split("_") if len(word) >= 4]

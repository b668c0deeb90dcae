"""What of a JavaScript or TypeScript file on the tests' side reaches beyond its own tests. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.syntax.script import arguments, bare, dotted_name, literal
from harness.syntax.tree import Node
from harness.weakening.imports import script_file
from harness.weakening.reach_python import Reach
from harness.weakening.script import HOISTED, ScriptFile
from harness.weakening.script_blocks import GROUPS
from harness.weakening.script_text import normal

GLOBAL = re.compile(
    r"(globalThis|global|window|process)\.(?!env\b).+|require\.cache\b.*|Module\..+"
    r"|[\w$.]+\.prototype\.[\w$?]+|expect\.(?!extend)\w+"
)
ENDS = re.compile(
    r"process\.(exit|abort|kill|reallyExit|on|once|addListener|prependListener"
    r"|removeAllListeners|setUncaughtExceptionCaptureCallback|\?)"
)
EXTENDS = re.compile(r"expect\.(?:extend|addEqualityTesters)")
ASSIGNS = ("assignment_expression", "augmented_assignment_expression")


def script_reaches(
    path: str, text: str, files: frozenset[str], product: frozenset[str], *, old: bool
) -> Iterator[Reach]:
    """Mocks and replacements outside a test. `product`: files of the product. In a file that the
    base does not have (`old` false) only what replaces a product module is told. Raises ValueError
    where it is not understood."""
    script = ScriptFile(text, path)
    inside = [(b.start, b.end + 1) for b in script.blocks if b.kind not in GROUPS]

    def outside(node: Node) -> bool:
        return not any(begin < node.start < end for begin, end in inside)

    for node, name in script.mocks:
        target = _target(node)
        file = script_file(path, target, files)
        alias = target[:2] in ("@/", "~/") or target[:1] == "#"
        missing = target.startswith(".") and file is None
        told = old or file in product or alias or missing
        if told and (outside(node) or HOISTED.search(name)):
            yield _reach(script, name + (f" {target}" if target else ""), node)
    for name, node in _global_changes(script):
        if name == "expect.extend" or outside(node):
            yield _reach(script, name, node)


def _reach(script: ScriptFile, name: str, node: Node) -> Reach:
    return Reach("sides.mock", name, script.line(node.start), normal(node))


def _global_changes(script: ScriptFile) -> Iterator[tuple[str, Node]]:
    """What is put in the place of something that other files see, or ends their process."""
    for kind in ASSIGNS:
        for node in script.nodes.get(kind, ()):
            left = node.get("left")
            name = dotted_name(left) if left is not None else ""
            if GLOBAL.fullmatch(name):
                yield name, node
    for call, name in script.calls:
        if ENDS.fullmatch(name):
            yield name, call
        elif EXTENDS.fullmatch(name):
            yield "expect.extend", call


def _target(call: Node) -> str:
    """The module that a mock replaces, however it is named."""
    given = arguments(call)
    first = bare(given[0]) if given else None
    if first is not None and first.type == "call_expression":  # `vi.mock(import('./x'))`
        given = arguments(first)
        first = bare(given[0]) if given else None
    return (literal(first) or "") if first is not None else ""

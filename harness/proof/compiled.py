"""Go, Rust and Java as a proof reads them: what a text means, which names it binds and uses. Pure.

Their compilers refuse what their types deny, so types are part of what a text means here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from harness.proof.script import Lines, leaves, whole_tree
from harness.syntax.tree import COMMENTS, Node

LANGUAGES: Final = (".go", ".rs", ".java")
IMPORTS: Final = frozenset(("import_declaration", "use_declaration", "extern_crate_declaration"))
DEFINITIONS: Final = frozenset(
    (
        *("function_declaration", "method_declaration", "type_declaration", "const_declaration"),
        *("var_declaration", "function_item", "struct_item", "enum_item", "trait_item"),
        *("impl_item", "const_item", "static_item", "type_item", "macro_definition"),
        *("class_declaration", "interface_declaration", "enum_declaration", "record_declaration"),
        *("constructor_declaration", "field_declaration", "annotation_type_declaration"),
    )
)
HOLDERS: Final = frozenset(
    (
        *("impl_item", "trait_item", "class_declaration", "interface_declaration"),
        *("enum_declaration", "record_declaration"),
    )
)
"""Definitions that hold others."""
NAMES: Final = frozenset(("identifier", "field_identifier", "type_identifier"))
BINDING_FIELDS: Final = frozenset(("name", "pattern", "parameter"))
BINDING: Final = frozenset(
    (
        *DEFINITIONS,
        *("type_spec", "const_spec", "var_spec", "parameter_declaration", "enum_variant"),
        *("variadic_parameter_declaration", "let_declaration", "parameter", "type_alias"),
        *("variable_declarator", "formal_parameter", "enum_constant", "method_elem", "mod_item"),
        *("function_signature_item", "catch_formal_parameter", "resource"),
    )
)
ASSIGNING: Final = frozenset(("short_var_declaration", "range_clause", "receive_statement"))
"""Statements of Go that bind what stands on their left."""
LOGS: Final = re.compile(
    r"(?:\w+\.)*_?(?:log|logger|slog|logging|LOG|LOGGER|klog|glog|logrus|tracing)(?:\.|::)"
    r"(?:debug|info|warn|warning|error|trace|fine|finer|finest|print|println|printf|debugf|infof"
    r"|warnf|warningf|errorf|tracef|logf?)",
    re.I,
)
LOG_MACROS: Final = frozenset(("trace", "debug", "info", "warn", "error", "log"))
WORDED: Final = re.compile(
    r"errors\.New|(?:fmt|errors|xerrors)\.Errorf|errors\.Wrapf?|panic|expect|unimplemented|todo"
    r"|unreachable|bail|anyhow|ensure"
)
"""What takes a message for people."""
STRINGS: Final = frozenset(
    (
        *("interpreted_string_literal", "raw_string_literal", "string_literal"),
        *("text_block", "raw_string"),
    )
)
DOCUMENTS: Final = re.compile(r"#!?\[\s*doc\s*[=(]")
SILENT_MARKS: Final = frozenset(("marker_annotation", "annotation"))
SAYS_NOTHING: Final = frozenset(
    (
        *("Override", "Nullable", "NonNull", "NotNull", "SuppressWarnings", "Deprecated"),
        *("FunctionalInterface", "SafeVarargs", "Generated"),
    )
)


def meaning(text: str, path: str) -> str | None:
    """What is left of a text without comments, imports, logging, tests that stand beside what they
    test, and the words of errors; None for what cannot be read."""
    tree = whole_tree(text, path)
    return None if tree is None else "\n".join(leaves(tree.root, _is_silent, _shown))


def _shown(node: Node) -> str | None:
    if node.type not in STRINGS:
        return None
    return '""' if _is_message(node) else node.text


def _is_silent(node: Node) -> bool:
    if node.type in COMMENTS or node.type in IMPORTS:
        return True
    if node.type in SILENT_MARKS:
        name = node.get("name")
        return name is not None and name.text in SAYS_NOTHING
    if node.type == "attribute_item":
        return _marks_test(node) or DOCUMENTS.match(node.text) is not None
    return _logs(node) or _is_test(node)


def _logs(node: Node) -> bool:
    if node.type != "expression_statement" or not node.parts:
        return False
    call = node.parts[0]
    if call.type == "macro_invocation":
        name = call.get("macro")
        return name is not None and name.text.rpartition("::")[2] in LOG_MACROS
    return call.type in ("call_expression", "method_invocation") and bool(
        LOGS.fullmatch(_called(call))
    )


def _called(call: Node) -> str:
    """`a.b` of `a.b(c)`."""
    opening = call.get("arguments")
    return "".join(call.text[: opening.start - call.start].split()) if opening else ""


def _is_test(node: Node) -> bool:
    """A test of Rust, which stands in the file of what it tests."""
    if node.type not in ("mod_item", "function_item") or node.parent is None:
        return False
    beside = node.parent.children
    at = next(i for i, one in enumerate(beside) if one is node)
    while at > 0 and (beside[at - 1].type == "attribute_item" or beside[at - 1].type in COMMENTS):
        at -= 1
        if _marks_test(beside[at]):
            return True
    return False


def _marks_test(node: Node) -> bool:
    inner = "".join(node.text.split())[2:-1]
    return inner in ("test", "cfg(test)") or inner.endswith("::test")


def _is_message(node: Node) -> bool:
    """The words of an error."""
    held = node.parent
    if held is not None and held.type == "token_tree":
        macro = held.parent.get("macro") if held.parent is not None else None
        return macro is not None and bool(WORDED.fullmatch(macro.text.rpartition("::")[2]))
    if held is None or held.field != "arguments" or held.parent is None:
        return False
    made = held.parent
    if made.type == "object_creation_expression":
        named = made.get("type")
        return named is not None and named.text.endswith(("Exception", "Error"))
    called = _called(made)
    return bool(WORDED.fullmatch(called) or called.endswith(".expect"))


def bound(text: str, path: str) -> dict[str, tuple[int, ...]]:
    """Names that a text binds -> the lines where it does; an import binds the last of its path."""
    return _named(text, path, _names_bound)


def names_used(text: str, path: str) -> dict[str, tuple[int, ...]]:
    """Names that a text mentions without binding them there -> the lines where it does."""
    return _named(text, path, _names_mentioned)


def _named(
    text: str, path: str, names: Callable[[Node], Iterator[str]]
) -> dict[str, tuple[int, ...]]:
    tree = whole_tree(text, path)
    if tree is None:
        return {}
    lines = Lines(text)
    found: dict[str, list[int]] = {}
    for node in tree.root.walk():
        for name in names(node):
            found.setdefault(name, []).append(lines.of(node.start))
    return {name: tuple(at) for name, at in found.items()}


def _names_bound(node: Node) -> Iterator[str]:
    if node.type == "import_spec":
        named, where = node.get("name"), node.get("path")
        yield named.text if named else (where.text.strip('"`').rpartition("/")[2] if where else "")
    elif node.type in NAMES and _binds(node):
        yield node.text


def _names_mentioned(node: Node) -> Iterator[str]:
    if node.type in NAMES and not _binds(node):
        yield node.text


def _binds(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type in BINDING and node.field in BINDING_FIELDS:
        return True
    for above in node.above():
        if above.type in IMPORTS:
            return _is_last(node, above)
        if above.type in ASSIGNING:
            left = above.get("left")
            return left is not None and left.start <= node.start < left.end
        if above.type == "let_declaration":
            pattern = above.get("pattern")
            return pattern is not None and pattern.start <= node.start < pattern.end
        if above.type in ("block", "argument_list", "call_expression", "arguments"):
            return False
    return False


def _is_last(node: Node, imported: Node) -> bool:
    """Of `a::b::c` the `c`; of `a as b` the `b`."""
    return not re.match(r"\s*(::|\.|as\b)", imported.text[node.end - imported.start :])


def definition_lines(text: str, path: str) -> tuple[int, ...]:
    """Lines where a definition begins, what is written above it with it, and the one after its
    end."""
    tree = whole_tree(text, path)
    if tree is None:
        return ()
    lines, found = Lines(text), set[int]()
    waiting = [tree.root]
    while waiting:
        beside = waiting.pop().children
        for at, node in enumerate(beside):
            if node.type not in DEFINITIONS:
                continue
            first = at
            while first > 0 and beside[first - 1].type == "attribute_item":
                first -= 1
            found |= {lines.of(beside[first].start), lines.of(max(node.end - 1, 0)) + 1}
            body = node.get("body") if node.type in HOLDERS else None
            waiting += [body] if body is not None else []
    return tuple(sorted(found))

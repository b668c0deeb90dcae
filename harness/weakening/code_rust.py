"""Tests in Rust: the standard macros and those that are called like them, rstest, test_case,
proptest. By the syntax tree. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from harness.syntax.tree import Node, SyntaxTree
from harness.weakening.code_demands import (
    Words,
    call_demand,
    pair,
    truth,
    without_message,
)
from harness.weakening.code_flow import Shapes
from harness.weakening.code_rust_names import FUNCTIONS, bindings
from harness.weakening.code_tests import Written
from harness.weakening.code_text import Bound, CodeNames, arguments, tokens
from harness.weakening.demands import Demand

SHAPES = Shapes(
    functions=FUNCTIONS,
    blocks=frozenset(("block",)),
    branches=frozenset(("if_expression",)),
    cases=frozenset(("match_arm",)),
    loops=frozenset(("for_expression", "while_expression", "loop_expression")),
    over=("value",),
    tries=frozenset(),
    catches=frozenset(),
    leaves=frozenset(("return_expression", "break_expression", "continue_expression")),
    jumps=frozenset(("break_expression", "continue_expression")),
    later=frozenset(),
    later_calls=frozenset(("spawn", "spawn_blocking", "spawn_local", "catch_unwind")),
    empty=re.compile(r"&?(mut )?\[\]|vec!\[\]|0\.\.0|Vec(::<.*>)?::new\(\)|None"),
)
TEST = re.compile(
    r"^(\w+::)*(test|rstest|test_case|case|quickcheck|proptest|property_test|gtest|bench"
    r"|wasm_bindgen_test|template)$"
)
HARMLESS = re.compile(
    r"^(\w+::)*(test|rstest|quickcheck|proptest|property_test|gtest|bench|wasm_bindgen_test|allow"
    r"|expect|warn|deny|doc|inline|should_panic|case|test_case|values|timeout|serial|file_serial"
    r"|parallel|traced_test|must_use|rustfmt|skip|track_caller|fixture|template|apply|once"
    r"|cfg\(test\))$"
)
ROWS = re.compile(r"^(\w+::)*(case|test_case)(::\w+)*$")
ASSERTS = re.compile(r"^(debug_|prop_|test_)?(assert|expect|verify|check|ensure)")
FAILS = frozenset(("panic", "unreachable", "unimplemented", "todo"))
ENDS = frozenset(("process::exit", "std::process::exit", "process::abort", "std::process::abort"))
WANTS = frozenset(("unwrap", "expect", "unwrap_err", "expect_err", "unwrap_none"))
DEFINES = frozenset(
    ("function_item", "struct_item", "enum_item", "mod_item", "macro_definition", "type_item")
)
STANDARD = re.compile(
    r"^(std|core|alloc|proptest|rstest|String|Vec|Box|Rc|Arc|Some|Ok|Err|HashMap|HashSet|BTreeMap"
    r"|BTreeSet|Default|Path|PathBuf|Duration|Instant|Cell|RefCell|Mutex|drop|format|Option|Result"
    r"|[iu](8|16|32|64|128|size)|f32|f64|bool|char|str|Self|self)$"
)
GLOBS = re.compile(r"^(super|std::.*|core::.*|alloc::.*|proptest::prelude|pretty_assertions)$")


class Rust:
    shapes = SHAPES
    calls = frozenset(("call_expression", "macro_invocation", "try_expression"))

    def origins(self, root: Node) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for node in root.walk():
            title = node.get("name")
            if node.type == "use_declaration" and (used := node.get("argument")):
                found |= {name: path for name, path in _used("", used) if name != "*"}
            elif node.type in DEFINES and title is not None:
                found.setdefault(title.text, f"⟨here⟩{title.text}")
        return found

    def bound(self, root: Node) -> Iterator[Bound]:
        return bindings(root)

    def written(self, root: Node, names: CodeNames) -> Iterator[Written]:
        globs = tuple(sorted(_globs(root)))
        before = _attributed(root)
        within: dict[int, tuple[str, ...]] = {}
        for node in root.walk():
            if node.type in ("mod_item", "impl_item", "source_file"):
                within[id(node)] = tuple(_conditions(node, before.get(id(node), [])))
            title, body = node.get("name"), node.get("body")
            if node.type == "function_item" and title is not None and body is not None:
                yield self._function(node, title, body, names, globs, before, within)
            elif node.type == "macro_definition" and title is not None:
                said = names.normal(node)
                if re.search(r"assert|panic", said):
                    whole = Demand(op="eq", subject=f"{title.text}!", expected=said)
                    yield Written(f"{title.text}!", node, node, helper=True, demands=(whole,))
            elif node.type == "macro_invocation":
                yield from self._properties(node, names)

    def _function(
        self,
        node: Node,
        title: Node,
        body: Node,
        names: CodeNames,
        globs: tuple[str, ...],
        before: Mapping[int, list[Node]],
        within: Mapping[int, tuple[str, ...]],
    ) -> Written:
        attributes = before.get(id(node), [])
        silenced, wrapped, demands = "", [], []
        for attribute in attributes:
            name, given = _attribute(attribute)
            if name == "ignore":
                silenced = "ignore"
            elif name == "should_panic":
                said = next((t.text for t in given if t.text.startswith('"')), "")
                demands.append(Demand(op="raises", subject="", expected="panic", detail=said))
            elif ROWS.match(name) and given:
                demands.append(_row(attribute, names.normal(given)))
            elif not HARMLESS.match(name) and not HARMLESS.match(_plain(attribute)):
                wrapped.append(_plain(attribute))
        taken = node.get("parameters")
        if taken is not None and "#[" in taken.text:
            demands.append(_row(taken, names.normal(taken)))
        above = [up for up in node.above() if up.type in ("mod_item", "impl_item")]
        for up in node.above():
            wrapped += within.get(id(up), ())
        path = [up.get("name") or up.get("type") for up in reversed(above)]
        return Written(
            id="::".join([*(p.text for p in path if p is not None), title.text]),
            node=node,
            body=body,
            helper=not any(TEST.match(_attribute(a)[0]) for a in attributes),
            silenced=silenced,
            wrapped=tuple(wrapped),
            replaced=globs,
            guarded=sum(d.op == "raises" for d in demands),
            demands=tuple(d.model_copy(update={"text": d.text or title.text}) for d in demands),
        )

    def _properties(self, macro: Node, names: CodeNames) -> Iterator[Written]:
        """`proptest! { #[test] fn name(a in 0..9) { ... } }`: read as a whole."""
        tree = next((c for c in macro.parts if c.type == "token_tree"), None)
        children = tree.children if tree is not None else []
        for position, word in enumerate(children[:-3]):
            name, taken, body = children[position + 1 : position + 4]
            if word.text != "fn" or body.type != "token_tree" or name.type != "identifier":
                continue
            before = "".join(c.text for c in children[:position])
            said = names.normal(body)
            yield Written(
                id=name.text,
                node=macro,
                body=body,
                silenced="ignore" if before.endswith("#[ignore]") else "",
                demands=(
                    Demand(op="eq", subject=name.text, expected=said, text=body.text),
                    _row(taken, names.normal(taken)),
                    *(
                        _row(c, names.normal(c))
                        for c in children[:position]
                        if "proptest_config" in c.text
                    ),
                ),
            )

    def read_assertions(self, call: Node, names: CodeNames) -> Iterator[Demand]:
        if call.type == "macro_invocation":
            yield from self._macro(call, names)
        elif call.type == "try_expression":
            if _is_statement(call):
                yield Demand(op="call", subject=names.normal(call), expected="success")
        elif self.callee(call).rpartition(".")[2] in WANTS and _is_statement(call):
            yield Demand(op="call", subject=names.normal(call), expected="success")

    def _macro(self, call: Node, names: CodeNames) -> Iterator[Demand]:
        name = _macro_name(call)
        given = self.given(call)
        if names.origins.get(name, "").startswith("⟨here⟩"):
            return  # one of the file's own
        if not ASSERTS.match(name):
            words = [token.text for one in given for token in one]
            inner = (w for w, sign in pairwise(words) if sign == "!")
            if any(ASSERTS.match(w) or w in FAILS for w in inner):
                said = ", ".join(names.normal(one) for one in given)
                yield Demand(op="eq", subject=f"{name}!", expected=said)
            return
        yield from _asserted(name, given, names)

    def fails(self, node: Node) -> bool:
        if node.type == "macro_invocation":
            return _macro_name(node) in FAILS
        if node.type == "return_expression":
            return bool(re.match(r"return\s+Err\b", node.text))
        return node.type == "call_expression" and self.callee(node) in ENDS

    def skips(self, node: Node) -> bool:
        return False

    def callee(self, call: Node) -> str:
        found = call.get("macro") or call.get("function")
        if found is None:
            return ""
        if call.type == "macro_invocation":
            return f"{''.join(found.text.split())}!"
        if found.type == "field_expression":
            field = found.get("field")
            return f"?.{field.text}" if field is not None else ""
        return "".join(found.text.split())

    def given(self, call: Node) -> list[Words]:
        tree = next((c for c in call.parts if c.type == "token_tree"), None)
        if tree is not None:
            return [*arguments(tokens(tree))]
        found = call.get("arguments")
        return [tokens(part) for part in found.parts] if found is not None else []

    def is_foreign(self, name: str, names: CodeNames) -> bool:
        root = name.partition("::")[0]
        origin = names.origins.get(root, root).partition("::")[0].strip("⟨⟩")
        if name.startswith("?") or STANDARD.match(root) or STANDARD.match(origin):
            return False
        return bool(re.fullmatch(r"[\w:<>]+", name)) and not names.origins.get(root, "").startswith(
            "⟨here⟩"
        )

    def find_silences(self, tree: SyntaxTree) -> tuple[str, int]:
        return "", 0


def _asserted(name: str, given: Sequence[Words], names: CodeNames) -> Iterator[Demand]:
    if not given:
        return
    if re.search(r"assert$|^ensure$|^verify$|^check$|_assert$", name):
        yield from truth(given[0], names)
    elif re.search(r"assert_(str_)?eq$|^ensure_eq$", name) and len(given) > 1:
        yield pair("eq", given[0], given[1], names)
    elif name.endswith("assert_ne") and len(given) > 1:
        yield pair("ne", given[0], given[1], names)
    elif "matches" in name and len(given) > 1:
        said = names.normal(given[1])
        yield Demand(op="match", subject=names.normal(given[0]), expected=said)
    else:
        yield call_demand(name, without_message(given, 2), names)


def _used(before: str, node: Node) -> Iterator[tuple[str, str]]:
    """(name, where it comes from) of what a `use` says."""
    if node.type == "use_list":
        for one in node.parts:
            yield from _used(before, one)
        return
    path, inner = node.get("path"), node.get("list")
    if node.type == "scoped_use_list" and inner is not None:
        said = f"{before}{''.join(path.text.split())}::" if path is not None else before
        yield from _used(said, inner)
    elif node.type == "use_as_clause" and path is not None:
        alias = node.get("alias")
        if alias is not None:
            yield alias.text, before + "".join(path.text.split())
    elif node.type == "use_wildcard":
        yield "*", before + "".join(node.text.split()).removesuffix("::*")
    else:
        said = before + "".join(node.text.split())
        title = said.removesuffix("::self").rpartition("::")[2]
        yield title, said.removesuffix("::self")


def _globs(root: Node) -> Iterator[str]:
    for node in root.walk():
        used = node.get("argument") if node.type == "use_declaration" else None
        for name, path in _used("", used) if used is not None else ():
            if name == "*" and not GLOBS.match(path):
                yield f"{path}::*"
        if node.type == "attribute_item" and _attribute(node)[0] == "path":
            yield _plain(node)


def _attributed(root: Node) -> dict[int, list[Node]]:
    """The attributes right before each item."""
    found: dict[int, list[Node]] = {}
    for holder in root.walk():
        waiting: list[Node] = []
        for one in holder.children if holder.type in HOLDERS else ():
            if one.type == "attribute_item":
                waiting.append(one)
            elif one.type not in ("line_comment", "block_comment"):
                found[id(one)], waiting = waiting, []
    return found


HOLDERS = frozenset(("source_file", "declaration_list", "block"))


def _conditions(node: Node, before: Sequence[Node]) -> Iterator[str]:
    """On what a module, or the file, is built."""
    inner = node.get("body") if node.type != "source_file" else node
    parts = inner.parts if inner is not None else []
    for attribute in (*before, *(c for c in parts if c.type == "inner_attribute_item")):
        name, _ = _attribute(attribute)
        if name in ("cfg", "cfg_attr", "ignore") and _plain(attribute) != "cfg(test)":
            yield _plain(attribute)


def _attribute(item: Node) -> tuple[str, Words]:
    """The name of an attribute, and the words that it is given."""
    inner = next((c for c in item.parts if c.type == "attribute"), None)
    if inner is None or not inner.parts:
        return "", []
    given = inner.get("arguments") or inner.get("value")
    return "".join(inner.parts[0].text.split()), tokens(given) if given is not None else []


def _plain(item: Node) -> str:
    words = " ".join(item.text.split())
    return re.sub(r"^#!?\[|\]$", "", words)


def _row(node: Node, said: str) -> Demand:
    return Demand(op="call", subject="each", expected=said, text=node.text)


def _macro_name(call: Node) -> str:
    found = call.get("macro")
    return "" if found is None else "".join(found.text.split()).rpartition("::")[2]


def _is_statement(call: Node) -> bool:
    parent = call.parent
    return parent is not None and parent.type == "expression_statement"

"""Which assertions of a JavaScript test are reached: what stands around them, and what leaves the
blocks that they stand in. By the syntax tree. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from harness.syntax.script import bare, dotted_name
from harness.syntax.tree import Node
from harness.weakening.script_names import FUNCTIONS, VALUES, ScriptNames
from harness.weakening.script_text import normal

NEVER = re.compile(r"^(false|0|null|undefined|NaN|void 0|\"\"|``|!1|!true)$|^(false|0|null)&&")
EMPTY = re.compile(
    r"^(\[\]|\{\}|new (Set|Map|Array)(\(\))?|Object\.(keys|values|entries)\(\{\}\))$"
)
LATER = frozenset(
    ("setTimeout", "setImmediate", "setInterval", "queueMicrotask", "nextTick", "process.nextTick")
)
THEN = frozenset(("then", "on", "once", "addEventListener", "subscribe"))
LEAVES = frozenset(("return_statement", "throw_statement", "break_statement", "continue_statement"))
LEAVING = ("return_statement", "break_statement", "continue_statement", "expression_statement")
LOOPS = frozenset(("for_statement", "for_in_statement", "while_statement", "do_statement"))
WAITS = frozenset(("await_expression", "return_statement", "yield_expression"))
ENDS = frozenset(("statement_block", "expression_statement", "class_body", "program", *FUNCTIONS))
DEAD = 1000


def is_awaited(node: Node) -> bool:
    """True when its statement waits for it, or gives it back."""
    for up in node.above():
        if up.type in WAITS:
            return True
        if up.type in ENDS:
            return False
    return False


class ScriptFlow:
    """What keeps a place of one file from counting."""

    def __init__(self, names: ScriptNames, nodes: Mapping[str, list[Node]], root: Node) -> None:
        self._names = names
        self._root = root
        self._perhaps: dict[int, int] = {}
        """Where each block may be left, by the statement of its own in which it is."""
        for kind in LEAVING:
            for node in nodes.get(kind, ()):
                if kind != "expression_statement" or _exits(node):
                    self._mark(node)
        self._used: dict[int, Counter[str]] = {}
        self._exits: dict[int, tuple[int, int]] = {}
        """Where each block is left for good, and where it may be left."""
        self._steps: dict[str, Callable[[Node, Node], int]] = {
            "binary_expression": self._logical,
            "ternary_expression": self._ternary,
            "if_statement": self._if,
            "else_clause": lambda up, child: 0,
            "try_statement": lambda up, child: int(child.field == "body"),
            "catch_clause": lambda up, child: int(child.field == "body"),
            "switch_statement": lambda up, child: int(child.field == "body"),
            "while_statement": self._while,
            "for_statement": self._while,
            "for_in_statement": self._for,
            "statement_block": self._block,
            "switch_case": self._block,
            "switch_default": self._block,
            "arguments": self._argument,
            "call_expression": self._catch,
        }

    def guards(self, node: Node, top: Node | None) -> int:
        """How much keeps the node from counting inside of `top` (None: the file): 0 for nothing,
        `DEAD` and more when it is never reached."""
        found, child = 0, node
        for up in node.above():
            if up is top or found >= DEAD:
                break
            step = self._steps.get(up.type)
            if step is not None:
                found += step(up, child)
            elif up.type in FUNCTIONS and self._is_unused(up, top or self._root):
                return DEAD
            child = up
        return found

    # ------------------------------------------------------------ what stands around

    def _logical(self, up: Node, child: Node) -> int:
        sign, left = up.get("operator"), up.get("left")
        if child.field != "right" or sign is None or left is None:
            return 0
        if sign.type not in ("&&", "||", "??"):
            return 0
        dead = self._never(left) if sign.type == "&&" else self._always(left)
        return DEAD if dead else 1

    def _ternary(self, up: Node, child: Node) -> int:
        condition = up.get("condition")
        if child.field == "condition" or condition is None:
            return 0
        first = child.field == "consequence"
        return DEAD if (self._never if first else self._always)(condition) else 1

    def _if(self, up: Node, child: Node) -> int:
        condition = up.get("condition")
        if child.field == "condition" or condition is None:
            return 0
        if child.field == "consequence":
            return DEAD if self._never(condition) else 1
        chained = any(c.type == "if_statement" for c in child.parts)
        return DEAD if self._always(condition) else int(not chained)

    def _while(self, up: Node, child: Node) -> int:
        condition = up.get("condition")
        if child.field != "body" or condition is None:
            return 0
        return DEAD if self._never(condition) else 0

    def _for(self, up: Node, child: Node) -> int:
        over = up.get("right")
        if child.field != "body" or over is None:
            return 0
        return DEAD if EMPTY.match(self._text_of(over)) else 0

    def _argument(self, up: Node, child: Node) -> int:
        """What becomes of something given to a call."""
        call = up.parent
        callee = bare(call.get("function") or call) if call is not None else None
        if call is None or callee is None:
            return 0
        if callee.type in ("member_expression", "subscript_expression"):
            owner, name = callee.get("object"), callee.get("property")
            if owner is not None and EMPTY.match(self._text_of(owner)):
                return DEAD
            if name is not None and name.text in THEN:
                return 0 if is_awaited(call) else 1
        return int(dotted_name(callee) in LATER)

    def _catch(self, up: Node, child: Node) -> int:
        callee = up.get("function")
        if child.field != "function" or callee is None or callee.type != "member_expression":
            return 0
        name = callee.get("property")
        return int(name is not None and name.text == "catch")

    def _never(self, condition: Node) -> bool:
        return bool(NEVER.match(self._text_of(condition)))

    def _always(self, condition: Node) -> bool:
        return self._text_of(condition) in ("true", "1", "!0", "!false")

    def _text_of(self, node: Node) -> str:
        inner = bare(node)
        if inner.type == "identifier":
            return self._names.at(inner.text, inner)
        return normal(inner)

    # ------------------------------------------------------------ what is left

    def _block(self, block: Node, child: Node) -> int:
        """Whether the block is left before one of its own statements."""
        if id(block) not in self._exits:
            parts = block.parts
            always = next((s.start for s in parts if self._leaves(s)), block.end)
            sometimes = self._perhaps.get(id(block), block.end)
            self._exits[id(block)] = always, sometimes
        always, sometimes = self._exits[id(block)]
        if always < child.start:
            return DEAD
        return int(sometimes < child.start)

    def _mark(self, node: Node) -> None:
        """Each block that this place leaves without saying that anything is wrong."""
        child, jumps = node, node.type in ("break_statement", "continue_statement")
        for up in node.above():
            if up.type in FUNCTIONS or up.type == "class_body":
                return
            if up.type in ("statement_block", "switch_case", "switch_default"):
                self._perhaps[id(up)] = min(child.start, self._perhaps.get(id(up), child.start))
            elif jumps and not node.parts and (up.type in LOOPS or up.type == "switch_statement"):
                return
            child = up

    def _leaves(self, statement: Node) -> bool:
        while statement.type == "if_statement":
            condition, then = statement.get("condition"), statement.get("consequence")
            if condition is None or then is None or not self._always(condition):
                return False
            statement = then
        if statement.type == "statement_block":
            return any(s.type in LEAVES or _exits(s) for s in statement.parts)
        return statement.type in LEAVES or _exits(statement)

    def _is_unused(self, function: Node, top: Node) -> bool:
        """True for a function that has a name in the test and is not used there."""
        name, parent = function.get("name"), function.parent
        while parent is not None and function.type in VALUES and parent.type != "arguments":
            if parent.type == "variable_declarator":
                name = parent.get("name")
                break
            if parent.type not in ("parenthesized_expression", "as_expression"):
                return False
            parent = parent.parent
        if name is None or (parent is not None and parent.type in ("arguments", "class_body")):
            return False
        if id(top) not in self._used:
            kinds = ("identifier", "shorthand_property_identifier")
            self._used[id(top)] = Counter(n.text for n in top.walk() if n.type in kinds)
        return name.type == "identifier" and self._used[id(top)][name.text] < 2


def _exits(statement: Node) -> bool:
    call = bare(statement.parts[0]) if statement.parts else statement
    callee = call.get("function") if statement.type == "expression_statement" else None
    return callee is not None and dotted_name(callee) in ("process.exit", "process.abort")

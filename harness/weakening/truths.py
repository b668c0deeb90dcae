"""What an expression is worth whatever the code under test does. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping

Values = Mapping[str, ast.expr]
CONTAINERS = ("list", "tuple", "set", "dict", "frozenset", "str", "bytes", "int", "float", "bool")
PASSING = ("list", "tuple", "set", "sorted", "reversed", "iter", "enumerate", "frozenset", "zip")
VIEWS = ("items", "keys", "values", "copy", "split")
MOST_DEEP = 20


def known_truth(node: ast.expr | None, values: Values, depth: int = 0) -> bool | None:
    """True or False when a condition is always that; None when it depends on something."""
    if node is None or depth > MOST_DEEP:
        return None
    match node:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.Name(id=name):
            return known_truth(values.get(name), values, depth + 1)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = known_truth(operand, values, depth + 1)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=parts):
            found = [known_truth(p, values, depth + 1) for p in parts]
            decides = isinstance(op, ast.Or)
            if decides in found:
                return decides
            return None if None in found else not decides
        case ast.Lambda() | ast.GeneratorExp():
            return True
        case ast.NamedExpr(value=value):
            return known_truth(value, values, depth + 1)
    return _compound(node, values, depth)


def _compound(node: ast.expr, values: Values, depth: int) -> bool | None:
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return None if any(isinstance(p, ast.Starred) for p in parts) else bool(parts)
        case ast.Dict(keys=keys):
            return None if None in keys else bool(keys)
        case ast.JoinedStr(values=parts):
            return True if any(isinstance(p, ast.Constant) for p in parts) else None
        case ast.IfExp(body=body, orelse=orelse):
            found = {known_truth(part, values, depth + 1) for part in (body, orelse)}
            return found.pop() if len(found) == 1 else None
        case ast.Compare():
            return _literal(node)
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]):
            return _call(name, parts, values, depth)
    return None


def _literal(node: ast.Compare) -> bool | None:
    """A comparison of plain constants."""
    sides = [node.left, *node.comparators]
    if len(sides) != 2 or not all(isinstance(s, ast.Constant) for s in sides):
        return None
    left, right = (ast.literal_eval(s) for s in sides)
    try:
        match node.ops[0]:
            case ast.Eq() | ast.Is():
                return bool(left == right)
            case ast.NotEq() | ast.IsNot():
                return bool(left != right)
            case ast.Lt():
                return bool(left < right)
            case ast.Gt():
                return bool(left > right)
    except TypeError:
        return None
    return None


def _call(name: str, parts: list[ast.expr], values: Values, depth: int) -> bool | None:
    if name in CONTAINERS and not parts:
        return False
    if name in ("bool", "len") and len(parts) == 1:
        return known_truth(parts[0], values, depth + 1)
    if name == "all" and len(parts) == 1 and known_empty(parts[0], values, depth + 1):
        return True
    return None


def known_empty(node: ast.expr, values: Values, depth: int = 0) -> bool | None:
    """True when a loop over it never turns, False when it does; None when it depends."""
    if depth > MOST_DEEP:
        return None
    match node:
        case ast.Name(id=name) if name in values:
            return known_empty(values[name], values, depth + 1)
        case ast.GeneratorExp(generators=parts) | ast.ListComp(generators=parts):
            return _turns(parts, values, depth)
        case ast.SetComp(generators=parts) | ast.DictComp(generators=parts):
            return _turns(parts, values, depth)
        case ast.Call(func=ast.Name(id="range"), args=parts):
            numbers = [p.value for p in parts if isinstance(p, ast.Constant)]
            whole = [n for n in numbers if isinstance(n, int)]
            if len(whole) == len(parts) and parts and 0 not in whole[2:]:
                return len(range(*whole)) == 0
            return None
        case ast.Call(func=ast.Name(id=name), args=parts) if name in PASSING and parts:
            found = [known_empty(p, values, depth + 1) for p in parts]
            return True if True in found else (None if None in found else False)
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in VIEWS:
            return known_empty(value, values, depth + 1)
        case ast.Subscript(slice=ast.Slice(lower=None, upper=ast.Constant(value=0))):
            return True
    truth = known_truth(node, values, depth + 1)
    return None if truth is None or isinstance(node, ast.Lambda) else not truth


def _turns(parts: list[ast.comprehension], values: Values, depth: int) -> bool | None:
    """A comprehension over nothing, or under a condition that never holds."""
    for part in parts:
        never = any(known_truth(c, values, depth + 1) is False for c in part.ifs)
        if never or known_empty(part.iter, values, depth + 1):
            return True
    return None

"""Calls of functions of the same test file: which is meant, and what it is given. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from harness.syntax.python import parse_expression
from harness.weakening.asserts import FunctionScope
from harness.weakening.bindings import FUNCTION, Function, dotted_name


def helper_of(call: ast.Call, scope: FunctionScope) -> Function | None:
    """The function of this file that a call means."""
    name = dotted_name(call)
    head, _, rest = name.partition(".")
    if head in ("self", "cls") and rest in scope.methods:
        return scope.methods[rest]
    own = scope.names.get(name, "").startswith(f"{name}__local")
    return scope.known.functions.get(name) if own else None


def arguments_of(
    function: Function, call: ast.Call, scope: FunctionScope
) -> Mapping[str, ast.expr] | None:
    """Parameter -> what is given, in the caller's terms; None when that cannot be told."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    given: dict[str, ast.expr] = {}
    defaults = function.args.defaults
    given.update(zip(names[len(names) - len(defaults) :], defaults, strict=False))
    extra = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    given.update({a.arg: d for a, d in extra if d is not None})
    starred = any(isinstance(a, ast.Starred) for a in call.args)
    if starred or len(call.args) > len(names) or any(k.arg is None for k in call.keywords):
        return None
    passed = dict(zip(names, call.args, strict=False))
    passed |= {k.arg: k.value for k in call.keywords if k.arg is not None}
    for name, value in passed.items():
        try:
            text = scope.normal(value, qualified=False)
            given[name] = parse_expression(text).body
        except (SyntaxError, ValueError):
            return None  # it cannot be written down again
    return given


def is_generator(function: Function) -> bool:
    """True for a function that runs only as far as somebody asks it for values."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, (*FUNCTION, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return False

"""GitHub's own OpenAPI description as judge: is a recorded exchange one that GitHub could have had?

Path, query, request body, status and response body are held to it. What is let pass stands in
ALLOWED, each with its reason.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.github.http import Exchange
from tests.parts import PARTS

OPENAPI = PARTS / "openapi" / "api.github.com.json"
SCHEMA = PARTS / "openapi" / "schema.graphql"
_HTTP_METHODS = ("get", "put", "post", "delete", "patch")
_ROOT = "urn:github"


@dataclass(frozen=True)
class Allowed:
    """Violations let pass: patterns of the operation and of what is said."""

    operation: str
    said: str
    reason: str

    def covers(self, violation: Violation) -> bool:
        return bool(
            re.search(self.operation, violation.operation) and re.search(self.said, violation.said)
        )


@dataclass(frozen=True)
class Violation:
    """Where an exchange differs from the description."""

    operation: str
    """"GET /repos/{owner}/{repo}", or the bare path when none fits."""
    said: str
    exchange: Exchange

    def __str__(self) -> str:
        return f"{self.exchange}: {self.said}"


ALLOWED = (
    Allowed(
        r"POST .*/issues/\{issue_number\}/labels$",
        r"^request: ",
        "the description has only the object form; its prose allows the array too",
    ),
    Allowed(
        r"^POST .*/(check-runs|statuses/\{sha\})$",
        r"^status 422: ",
        "GitHub refuses a commit it does not have; the description lists 201 alone",
    ),
    Allowed(
        r".*",
        r"^status 40[13]: ",
        "a refused token or a rate limit may answer every operation; few list it",
    ),
    Allowed(
        r"^GET ",
        r"^status 304: ",
        "every answer with an ETag may be asked for conditionally; few operations list 304",
    ),
    Allowed(
        r".*",
        r"^status 404: ",
        "a private repository hides itself from who may not read it; few operations list 404",
    ),
)


@dataclass(frozen=True)
class _Operation:
    name: str
    pattern: re.Pattern[str]
    spec: dict[str, Any]


class Oracle:
    """The description, read once. Validators are made when first needed."""

    def __init__(self) -> None:
        assert OPENAPI.is_file(), f"{OPENAPI} is missing: run `make test-parts`"
        self._spec: dict[str, Any] = json.loads(OPENAPI.read_bytes())
        _nullable(self._spec["components"])
        _nullable(self._spec["paths"])
        resource = DRAFT4.create_resource(self._spec)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self._operations: dict[str, list[_Operation]] = defaultdict(list)
        for path, item in self._spec["paths"].items():
            for method in _HTTP_METHODS:
                if method in item:
                    shared = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                    spec = {**item[method], "parameters": list(map(self._resolved, shared))}
                    made = _Operation(f"{method.upper()} {path}", _pattern(path, shared), spec)
                    self._operations[method].append(made)
        self._validators: dict[int, Validator] = {}

    def operation(self, method: str, path: str) -> _Operation | None:
        """The operation of a request; the one with the longest literal parts fits best."""
        fits = [o for o in self._operations[method.lower()] if o.pattern.fullmatch(path)]
        return max(fits, key=lambda o: len(re.sub(r"\{.*?\}", "", o.name)), default=None)

    def violations(
        self, exchanges: Iterable[Exchange], also: Iterable[Allowed] = ()
    ) -> list[Violation]:
        """What no entry of ALLOWED or `also` explains."""
        allowed = (*ALLOWED, *also)
        found = (v for exchange in exchanges for v in self._judge(exchange))
        return [v for v in found if not any(entry.covers(v) for entry in allowed)]

    def _judge(self, exchange: Exchange) -> Iterator[Violation]:
        if exchange.struck or exchange.path in ("/graphql",) or exchange.path.startswith("/_logs/"):
            return
        operation = self.operation(exchange.method, exchange.path)
        if operation is None:
            yield Violation(exchange.path, "no such operation", exchange)
            return
        for said in self._told(operation.spec, exchange):
            yield Violation(operation.name, said, exchange)

    def _told(self, spec: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        yield from self._query(spec, exchange)
        yield from self._request(spec, exchange)
        answers = spec["responses"]
        found = answers.get(str(exchange.status)) or answers.get("default")
        if found is None:
            yield f"status {exchange.status}: not in {sorted(answers)}"
            return
        schema = _schema(self._resolved(found))
        if schema is not None and exchange.status < 300:
            kind = exchange.headers.get("content-type", "application/json")
            if "json" in kind:
                yield from self._against(schema, exchange.body, "response")

    def _query(self, spec: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        known = {p["name"]: p for p in spec["parameters"] if p["in"] == "query"}
        for name, value in exchange.query.items():
            if name not in known:
                yield f"query: {name} is unknown"
                continue
            schema = known[name].get("schema", {})
            kind = schema.get("type")
            kinds = kind if isinstance(kind, list) else [kind]
            number = "integer" in kinds and value.lstrip("-").isdigit()
            given: Any = int(value) if number else value
            yield from self._against(schema, given, f"query {name}")
        for name, parameter in known.items():
            if parameter.get("required") and name not in exchange.query:
                yield f"query: {name} is missing"

    def _request(self, spec: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        body = self._resolved(spec.get("requestBody", {}))
        schema = _schema(body)
        if schema is None:
            if exchange.request not in (None, {}) and not spec.get("requestBody"):
                yield "request: a body where none is read"
            return
        if exchange.request is None:
            if body.get("required"):
                yield "request: no body"
            return
        # what GitHub refused may well have been wrong
        if exchange.status < 400:
            yield from self._against(schema, exchange.request, "request")

    def _against(self, schema: dict[str, Any], value: Any, what: str) -> Iterator[str]:
        if id(schema) not in self._validators:
            self._validators[id(schema)] = Draft4Validator(schema, registry=self._registry)
        for error in self._validators[id(schema)].iter_errors(value):
            where = "/".join(map(str, error.absolute_path))
            yield f"{what}: at {where or 'its root'}: {error.message[:300]}"

    def _resolved(self, found: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in found:
            target: Any = self._spec
            for part in found["$ref"].removeprefix(f"{_ROOT}#/").split("/"):
                target = target[part]
            found = target
        return found


def _schema(found: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON schema of a body."""
    for kind, content in found.get("content", {}).items():
        if "json" in kind and "schema" in content:
            schema: dict[str, Any] = content["schema"]
            return schema
    return None


def _pattern(path: str, parameters: list[dict[str, Any]]) -> re.Pattern[str]:
    """A path as a pattern. Refs, branches and files hold slashes."""
    del parameters
    deep = {"ref": ".+", "path": ".*", "branch": ".+", "basehead": ".+", "name": ".+"}
    parts = re.split(r"\{([\w-]+)\}", path)
    whole = ""
    for at, part in enumerate(parts):
        whole += re.escape(part) if at % 2 == 0 else f"(?:{deep.get(part, '[^/]+')})"
    return re.compile(whole)


def _nullable(node: Any) -> None:
    """OpenAPI 3.0 says `nullable` where JSON Schema says null; references get their document's
    name. In place."""
    if isinstance(node, list):
        for item in node:
            _nullable(item)
        return
    if not isinstance(node, dict):
        return
    for value in node.values():
        _nullable(value)
    if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
        node["$ref"] = _ROOT + node["$ref"]
    if node.pop("nullable", None) is not True:
        return
    if isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
        if "enum" in node and None not in node["enum"]:
            node["enum"] = [*node["enum"], None]
        return
    inner = {key: node.pop(key) for key in ("allOf", "anyOf", "oneOf", "$ref") if key in node}
    if inner:
        node["anyOf"] = [{"type": "null"}, inner]


@lru_cache(maxsize=1)
def oracle() -> Oracle:
    """The one of this process: reading takes half a second."""
    return Oracle()


def held(exchanges: Iterable[Exchange], also: Iterable[Allowed] = ()) -> int:
    """How many exchanges stood the test; AssertionError names what did not. `also`: faults of a
    server that is not ours, let pass."""
    judged = list(exchanges)
    found = oracle().violations(judged, also)
    kinds = {(v.operation, re.sub(r"\d+", "n", v.said)): v for v in found}
    assert not found, "GitHub's description does not have:\n" + "\n".join(map(str, kinds.values()))
    return len(judged)

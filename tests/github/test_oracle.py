"""The judge can say no: what GitHub would not say, or would not take, is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLSyntaxError, parse, validate

from harness.forge.github import graphql_queries as queries
from tests.github.asking import ask
from tests.github.clock import JumpClock
from tests.github.graphql import schema
from tests.github.http import Exchange
from tests.github.oracle import ALLOWED, oracle
from tests.github.server import github


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """An issue read and one made."""
    with github(tmp_path_factory.mktemp("oracle"), JumpClock()) as hub:
        ask(hub, "POST", "./issues", {"title": "x"})
        ask(hub, "GET", "./issues/1")
        ask(hub, "GET", "./issues?state=all")
        return hub.exchanges


def mutants(said: list[Exchange]) -> dict[str, Exchange]:
    """Each wrong in one way."""
    made, one, many = said
    without: dict[str, Any] = {k: v for k, v in one.body.items() if k != "user"}
    return {
        "no such operation": replace(one, path="/repos/owner/project/isues/1"),
        "'user' is a required property": replace(one, body=without),
        "is not of type 'integer'": replace(one, body={**one.body, "number": "1"}),
        "1 is not of type 'object', 'null'": replace(one, body={**one.body, "user": 1}),
        "status 202": replace(made, status=202),
        "query: sate is unknown": replace(many, query={"sate": "all"}),
        "query state": replace(many, query={"state": "al"}),
        "request: at its root: 'title' is a required": replace(made, request={"body": "x"}),
        "request: no body": replace(made, request=None),
        "None is not of type 'string'": replace(one, body={**one.body, "title": None}),
    }


def test_true_exchanges_pass_and_each_mutant_is_caught(said: list[Exchange]) -> None:
    assert oracle().violations(said) == []
    for words, mutant in mutants(said).items():
        found = [v.said for v in oracle().violations([mutant])]
        assert any(words in one for one in found), (words, found)


def test_every_exception_has_a_reason() -> None:
    assert all(len(entry.reason) > 20 for entry in ALLOWED)


def test_every_graphql_document_is_valid_and_a_misspelt_one_is_not() -> None:
    named = vars(queries).items()
    documents = [text for name, text in named if name.isupper() and name[0] != "_"]
    assert len(documents) > 5
    for document in documents:
        assert validate(schema(), parse(document)) == []
        names = [name for name in ("lastEditedAt", "isResolved", "isDraft") if name in document]
        for name in names:
            assert validate(schema(), parse(document.replace(name, name + "s")))
    with pytest.raises(GraphQLSyntaxError):
        parse(queries.VIEWER[:-4])

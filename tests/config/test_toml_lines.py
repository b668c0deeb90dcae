"""Lines of keys, in every shape TOML allows."""

from __future__ import annotations

import tomllib

import pytest

from harness.config.toml_lines import key_lines

TEXT = '''# a comment with [brackets] and key = 1
language = "en"   # after a value

[test]
command = """
[limits]
turns = 3
"""
"reporter" = 'pytest'

[models.local]
dialect = "openai"
base_url = "http://x/#frag"

[models."odd name"]
dialect = 'scripted'

[limits]
run = { tokens = 5, cost_usd = 1.5 }
issue.tokens = 7

[environment]
setup = [
  "a ] b", # one
  'c',
]
env = { A = "1" }
[policy]
protected = ["x", ["y"]]
max_files = 3'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("language", 2),
        ("test", 4),
        ("test.command", 5),
        ("test.reporter", 9),
        ("models.local", 11),
        ("models.local.base_url", 13),
        ("models.odd name", 15),
        ("models.odd name.dialect", 16),
        ("limits.run", 19),
        ("limits.run.cost_usd", 19),
        ("limits.issue.tokens", 20),
        ("environment.setup", 23),
        ("environment.env", 27),
        ("environment.env.A", 27),
        ("policy.max_files", 30),
    ],
)
def test_every_key_has_its_line(key: str, line: int) -> None:
    tomllib.loads(TEXT)
    assert key_lines(TEXT)[tuple(key.split("."))] == line


def test_text_inside_strings_is_no_key() -> None:
    assert ("test", "turns") not in key_lines(TEXT)
    assert ("limits", "turns") not in key_lines(TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n# only comments",
        "a = '''x'''''\nb = 1",
        'a = "\\"]"\nb = 1',
        "a = 1979-05-27T07:32:00Z\r\nb = 1\r\n",
        "[[t]]\nx = 1\n[[t]]\nx = 2\n",
        "a = {}\nb = []\n",
        "a . b = 1\n",
    ],
)
def test_odd_but_valid_text_is_read_to_its_end(text: str) -> None:
    names = {key[0] for key in key_lines(text)}
    assert names == set(tomllib.loads(text))

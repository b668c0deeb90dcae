"""The YAML between two `---` lines at the top of a page, as PyYAML reads it. Every plain value is
text (`name: on` is "on", `1.0` is "1.0"); aliases, repeated keys and great depth are refused."""

from __future__ import annotations

from collections.abc import Hashable

import yaml

from harness.core.base import Json

LINE = "---"
MOST_CHARS = 16_384
MOST_DEEP = 8
_BREAKS = str.maketrans({"\x85": " ", "\u2028": " ", "\u2029": " "})
"""Line ends in YAML 1.1, and in no editor."""


class FrontMatterError(ValueError):
    """There is none, or it cannot be read: the reason in a few words."""


class _Loader(yaml.BaseLoader):
    """Builds text, lists and mappings only."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One node without anchor or alias, not too deep: a small page cannot unfold to a huge one
        or use up the stack."""
        event = self.peek_event()  # type: ignore[no-untyped-call]  # so in its stubs
        if getattr(event, "anchor", None) is not None:
            raise yaml.composer.ComposerError(None, None, "anchors are not read", event.start_mark)
        if self.depth == MOST_DEEP:
            raise yaml.composer.ComposerError(None, None, "nested too deep", event.start_mark)
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        """Text; an escape brings in nothing that could not stand there itself."""
        text = str(super().construct_scalar(node))
        if self.NON_PRINTABLE.search(text):
            what = "a character that YAML does not allow"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark)
        return text

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        """Each key once."""
        made: dict[Hashable, object] = super().construct_mapping(node, deep=deep)
        if len(made) < len(node.value):
            mark = node.start_mark
            raise yaml.constructor.ConstructorError(None, None, "a key stands twice", mark)
        return made


class _StrictLoader(_Loader):
    """As the SKILL.md standard's own reader takes it: block style, no tags."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # so in its stubs
        flow, tag = getattr(event, "flow_style", False), getattr(event, "tag", None)
        if flow or tag is not None:
            what = "{} and [] are not read" if flow else "tags are not read"
            raise yaml.composer.ComposerError(None, None, what, event.start_mark)
        return super().compose_node(parent, index)


def strict_front_matter(text: str) -> dict[str, Json]:
    """The keys and values as the reference library of the SKILL.md standard finds them: from the
    first three dashes of the page to the next three, wherever those stand."""
    parts = text.replace("\r\n", "\n").replace("\r", "\n").split(LINE, 2)
    if parts[0] or len(parts) < 3:
        raise FrontMatterError(f"no front matter between two {LINE} lines")
    return _parse_yaml(parts[1], _StrictLoader)


def front_matter(text: str) -> tuple[dict[str, Json], str]:
    """The keys and values at the top of a page, and the page without them. FrontMatterError when
    there are none or they cannot be read."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ends = [at for at, line in enumerate(lines) if line.rstrip() == LINE]
    if ends[:1] != [0] or len(ends) == 1:
        raise FrontMatterError(f"no front matter between two {LINE} lines")
    return _parse_yaml("\n".join(lines[1 : ends[1]])), "\n".join(lines[ends[1] + 1 :]).strip()


def _parse_yaml(text: str, loader: type[_Loader] = _Loader) -> dict[str, Json]:
    if len(text) > MOST_CHARS:
        raise FrontMatterError(f"its front matter is over {MOST_CHARS} characters")
    try:
        said = yaml.load(text.translate(_BREAKS), Loader=loader)
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 2}: " if error.problem_mark else ""
        what = " ".join((error.problem or "").split())
        raise FrontMatterError(f"its front matter is no YAML, {where}{what}") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # a number for no character
        why = "its front matter holds a character that YAML does not allow"
        raise FrontMatterError(why) from error
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise FrontMatterError("its front matter has no `key: value` lines")
    return {str(key): value for key, value in said.items()}

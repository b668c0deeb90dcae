"""300 issue texts as people write them: 25 languages in 12 forms of Markdown."""

from __future__ import annotations

import tomllib
from pathlib import Path

_FORMS = (
    "{happens}\n\n{expected}",
    "# {title}\n\n{happens}\n\n## {last}\n\n{expected}\n",
    "{happens}\n\n1. {a}\n2. {b}\n3. {c}\n\n**{expected}**",
    "- [x] {a}\n- [ ] {b}\n- [ ] {c}\n\n> {happens}\n>\n> {last}",
    "{title}: `parse('')`\n\n```python\nprint('{a}')  # {b}\nif x > 3:\n    pass\n```\n\n{last}",
    "{happens} See [{a}](https://example.org/docs/a?b=c&d=1#e) and <https://example.org/{n}>.",
    "| {a} | {b} |\n| --- | --- |\n| {c} | `List<String>` |\n\n{last} :+1:",
    "{happens}\n\n---\n\n*{expected}* ~~{title}~~ a < b && c > d; 5 > 3 &amp; 2 &lt; 4\n",
    "{title}\n\n    $ tool --input {n}.txt\n    {happens}\n\n{last} 🎉 🚀 ✅",
    "{happens} ([{title}][1], {b})\n\n{expected}\n\n[1]: https://example.org/issues/{n}\n",
    "* {a}\n  * {b}\n    * {c}\n\n{happens}  \n{last}\n\n@ann #{n} GH-{n} v1.2.3 50 % 1,5 € ½ ² °C",
    "It said:\n\n~~~text\nKeyError: '{title}'\n<!-- {a} -->\n~~~\n\n“{b}” „{c}“ {expected}\t{last}",
)


def texts() -> tuple[str, ...]:
    """All of them."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    made = []
    for number, said in enumerate(table.values(), 1):
        steps = dict(zip("abc", said["steps"], strict=True))
        words = {k: v for k, v in said.items() if k != "steps"}
        made += [form.format(**words, **steps, n=number) for form in _FORMS]
    return tuple(made)

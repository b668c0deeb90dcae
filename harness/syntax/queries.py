"""What is asked of trees, by language. `imports`: names of other files (`from`), calls that may
load one (`call`), words that may be such a call under another name (`word`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_IMPORTS = """
(import_statement source: (string) @from)
(export_statement source: (string) @from)
(call_expression function: (_) arguments: (arguments)) @call
(identifier) @word
"""
_REQUIRED = "(import_require_clause source: (string) @from)"

JAVASCRIPT: Final[Mapping[str, str]] = {"imports": _IMPORTS}
TYPESCRIPT: Final[Mapping[str, str]] = {"imports": _IMPORTS + _REQUIRED}
TSX: Final = TYPESCRIPT

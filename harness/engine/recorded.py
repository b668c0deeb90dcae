"""How step results and errors are written down: plain JSON, never pickle, so that a newer harness
and another machine can read them.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from dbos import Serializer
from sqlalchemy.exc import DBAPIError

from harness.core import errors
from harness.core.base import Json
from harness.core.errors import EngineError, HarnessError, StorageError

_MARK = "$error"


class RecordSerializer(Serializer):
    """DBOS's serializer port."""

    def name(self) -> str:
        return "harness_json"

    def serialize(self, data: Any) -> str:
        if isinstance(data, DBAPIError | StorageError):
            # a full disk is not a step's answer: where the answer did not fit, this must not either
            raise data
        if isinstance(data, BaseException):
            data = {_MARK: _describe(data)}
        return json.dumps(data, allow_nan=False)

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and data.keys() == {_MARK}:
            return _rebuilt(data[_MARK])
        return data


def plain(value: Json, *, workflow: str = "", step: str = "") -> Json:
    """The value as it will be read back. EngineError when it is not JSON."""
    try:
        copy: Json = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise EngineError(
            "engine.not_json", workflow=workflow, step=step or "-", why=str(error)
        ) from error
    return copy


def _describe(error: BaseException) -> dict[str, Any]:
    if not isinstance(error, HarnessError):
        return {"type": type(error).__name__, "why": str(error)}
    more = {k: v for k, v in vars(error).items() if k not in ("key", "facts")}
    for name, value in more.items():
        if isinstance(value, datetime):
            more[name] = {"at": value.isoformat()}
    return {"type": type(error).__name__, "key": error.key, "facts": error.facts, "more": more}


def _rebuilt(found: dict[str, Any]) -> HarnessError:
    kind = getattr(errors, found["type"], None)
    if "key" not in found or kind is None:
        return EngineError(
            "engine.step_failed", kind=found["type"], why=str(found.get("why", found.get("key")))
        )
    more = {
        name: datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value
        for name, value in found["more"].items()
    }
    error: HarnessError = kind(found["key"], **more, **found["facts"])
    return error

"""Catalogue: system."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "system.path_outside": (
        "The path {path} leaves the folder it must stay in.",
        "경로 {path}이(가) 허용된 폴더를 벗어납니다.",
    ),
    "system.not_a_file": (
        "{path} is not a plain file: links and special files are not followed.",
        "{path}은(는) 일반 파일이 아닙니다. 링크와 특수 파일은 따라가지 않습니다.",
    ),
}

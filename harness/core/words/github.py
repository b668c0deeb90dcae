"""Catalogue: github, the wire and the adapter."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "github.app_refused": (
        "GitHub does not accept the App's key ({message}): check forge.app_id and the private key, "
        "and that this machine's clock is right.",
        "GitHub이 앱 키를 받아들이지 않습니다({message}). forge.app_id와 개인 키, 이 컴퓨터의 시계를 확인해 주세요.",
    ),
    "github.bad_address": (
        "forge.base_url cannot be used: {url}. Give https://HOST/api/v3, without user, query or "
        "fragment; plain http is for this machine only.",
        "forge.base_url을 쓸 수 없습니다: {url}. 사용자, 쿼리, 프래그먼트 없이 https://HOST/api/v3 형식으로 "
        "적어 주세요. http는 이 컴퓨터에서만 쓸 수 있습니다.",
    ),
    "github.bad_key": (
        "The GitHub App's private key cannot be used: {why}. Give the whole PEM file that GitHub "
        "made.",
        "GitHub 앱의 개인 키를 쓸 수 없습니다: {why}. GitHub에서 받은 PEM 파일을 그대로 주세요.",
    ),
    "github.bad_path": (
        "No request was made: {path} is not a path that GitHub could have.",
        "요청하지 않았습니다. {path}은(는) GitHub에 있을 수 없는 경로입니다.",
    ),
    "github.bad_token": (
        "The GitHub token holds characters that no token has: set it again, on one line.",
        "GitHub 토큰에 쓸 수 없는 문자가 있습니다. 한 줄로 다시 넣어 주세요.",
    ),
    "github.conflict": (
        "GitHub refused it as things stand: {message}.",
        "지금 상태로는 GitHub이 거절합니다: {message}.",
    ),
    "github.elsewhere": (
        "GitHub points to another host ({host}), and nothing of ours is sent there: correct "
        "forge.base_url.",
        "GitHub이 다른 호스트({host})를 가리켜 아무것도 보내지 않았습니다. forge.base_url을 고쳐 주세요.",
    ),
    "github.forbidden": (
        "GitHub does not allow it: {message}. Permission that it asks for: {accepted}.",
        "GitHub이 허용하지 않습니다: {message}. 필요한 권한: {accepted}.",
    ),
    "github.limited": (
        "GitHub asks us to wait before more is sent ({message}).",
        "GitHub이 요청을 잠시 멈추라고 합니다({message}).",
    ),
    "github.lost": (
        "GitHub's answer to a write was lost ({why}): it may have happened, so its effect is looked "
        "for before it is repeated.",
        "쓰기 요청에 대한 GitHub의 응답을 받지 못했습니다({why}). 이미 반영되었을 수 있어, 반복하기 전에 결과를 확인합니다.",
    ),
    "github.moved": (
        "The repository has moved on GitHub: set forge.repository to its new name.",
        "GitHub에서 저장소가 옮겨졌습니다. forge.repository를 새 이름으로 고쳐 주세요.",
    ),
    "github.no_token": (
        "There is no GitHub token: set {variable} in the environment, forge.token_file, or a "
        "GitHub App by forge.app_id and forge.app_key_file.",
        "GitHub 토큰이 없습니다. 환경 변수 {variable}, forge.token_file을 정하거나 forge.app_id와 "
        "forge.app_key_file로 GitHub 앱을 정해 주세요.",
    ),
    "github.not_found": (
        "GitHub has nothing there, or the token may not see it: {message}.",
        "GitHub에 없거나, 토큰으로 볼 수 없습니다: {message}.",
    ),
    "github.not_installed": (
        "The GitHub App is not installed on {repository}: install it there, or correct "
        "forge.installation_id.",
        "GitHub 앱이 {repository}에 설치되어 있지 않습니다. 설치하거나 forge.installation_id를 고쳐 주세요.",
    ),
    "github.query": (
        "GitHub does not understand the question: {message}.",
        "GitHub이 질의를 이해하지 못합니다: {message}.",
    ),
    "github.token_refused": (
        "The GitHub token is no longer valid ({message}): give harness a new one.",
        "GitHub 토큰이 더는 유효하지 않습니다({message}). 새 토큰을 넣어 주세요.",
    ),
    "github.too_big": (
        "GitHub's answer has more than {limit} bytes and was not read.",
        "GitHub의 응답이 {limit}바이트보다 커서 읽지 않았습니다.",
    ),
    "github.unavailable": (
        "GitHub does not answer as it should ({why}); it is asked again later.",
        "GitHub이 제대로 응답하지 않습니다({why}). 나중에 다시 묻습니다.",
    ),
    "github.unexpected": (
        "GitHub answered something unexpected (status {status}): {message}.",
        "GitHub이 예상하지 못한 응답을 했습니다(상태 {status}): {message}.",
    ),
}

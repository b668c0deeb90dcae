"""Catalogue: llm."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "llm.connection": (
        "The model {model} cannot be reached ({detail}). Check the address and the network.",
        "모델 {model}에 연결할 수 없습니다 ({detail}). 주소와 네트워크를 확인하세요.",
    ),
    "llm.cut": (
        "The reply of {model} broke off ({detail}); nothing of it was used.",
        "{model}의 응답이 도중에 끊겼습니다 ({detail}). 받은 부분은 사용하지 않았습니다.",
    ),
    "llm.rate": (
        "{model} asks us to slow down (HTTP {status}: {detail}).",
        "{model}의 호출 한도에 걸렸습니다 (HTTP {status}: {detail}).",
    ),
    "llm.overloaded": (
        "{model} is overloaded (HTTP {status}: {detail}).",
        "{model}에 부하가 몰려 있습니다 (HTTP {status}: {detail}).",
    ),
    "llm.server": (
        "The server of {model} failed (HTTP {status}: {detail}).",
        "{model} 서버에서 오류가 났습니다 (HTTP {status}: {detail}).",
    ),
    "llm.auth": (
        "{model} refuses the key (HTTP {status}: {detail}). Set a valid key and start again.",
        "{model}이(가) 키를 거부했습니다 (HTTP {status}: {detail}). "
        "올바른 키를 설정하고 다시 시작하세요.",
    ),
    "llm.invalid": (
        "{model} does not accept the request (HTTP {status}: {detail}).",
        "{model}이(가) 요청을 받아들이지 않습니다 (HTTP {status}: {detail}).",
    ),
    "llm.too_long": (
        "The conversation is too long for {model} (HTTP {status}: {detail}).",
        "대화가 {model}이(가) 다룰 수 있는 길이를 넘었습니다 (HTTP {status}: {detail}).",
    ),
    "llm.refusal": (
        "{model} refuses to answer (HTTP {status}: {detail}).",
        "{model}이(가) 답변을 거부했습니다 (HTTP {status}: {detail}).",
    ),
    "llm.spend": (
        "The account behind {model} has no money left or reached its spending limit "
        "(HTTP {status}: {detail}). Add credit or raise the limit, then resume.",
        "{model} 계정의 잔액이 없거나 지출 한도에 도달했습니다 (HTTP {status}: {detail}). "
        "충전하거나 한도를 올린 뒤 재개하세요.",
    ),
    "llm.bad_address": (
        "The model address {base_url} is not a usable URL ({detail}). "
        "It must look like http://127.0.0.1:8000/v1.",
        "모델 주소 {base_url}은(는) 쓸 수 있는 URL이 아닙니다 ({detail}). "
        "http://127.0.0.1:8000/v1 과 같은 형식이어야 합니다.",
    ),
    "llm.no_key": (
        "The model {model} needs a key, and none is set.",
        "모델 {model}에는 키가 필요한데 설정되어 있지 않습니다.",
    ),
    "llm.script_missing": (
        "The script {path} of the scripted model cannot be read ({detail}).",
        "스크립트 모델의 파일 {path}을(를) 읽을 수 없습니다 ({detail}).",
    ),
    "llm.script_broken": (
        "The script {path} of the scripted model is wrong: {detail}.",
        "스크립트 모델의 파일 {path}이(가) 잘못되었습니다: {detail}.",
    ),
    "llm.unscripted": (
        "The script {path} has no reply for session {session}, turn {turn}. "
        'It was asked: "{asked}".',
        '스크립트 {path}에는 세션 {session}, 턴 {turn}에 대한 응답이 없습니다. 질문: "{asked}".',
    ),
    "llm.scripted_fault": (
        "The scripted model {model} fails here on purpose ({fault}).",
        "스크립트 모델 {model}이(가) 여기서 의도적으로 실패합니다 ({fault}).",
    ),
    "llm.recording_missing": (
        "The recording {path} cannot be read ({detail}).",
        "녹음 파일 {path}을(를) 읽을 수 없습니다 ({detail}).",
    ),
    "llm.recording_broken": (
        "Line {line} of the recording {path} is not a recorded reply ({detail}).",
        "녹음 파일 {path}의 {line}번째 줄이 기록된 응답이 아닙니다 ({detail}).",
    ),
    "llm.unrecorded": (
        "The recording {path} holds no reply to this request (session {session}, turn {turn}): "
        '"{asked}".',
        '녹음 파일 {path}에 이 요청(세션 {session}, 턴 {turn})에 대한 응답이 없습니다: "{asked}".',
    ),
}

"""Catalogue: web."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "web.cannot_listen": (
        "Nothing can listen on {host}:{port}: {why}. Choose another address with webhook.listen, "
        "or leave it empty: harness also looks by its schedule.",
        "{host}:{port}에서 받을 수 없습니다: {why}. webhook.listen에서 다른 주소를 고르거나 비워 "
        "두세요. harness는 일정에 따라서도 확인합니다.",
    ),
    "web.bad_address": (
        "{got} is no address to listen on; write it like 127.0.0.1:8787.",
        "{got}은(는) 받을 주소가 아닙니다. 127.0.0.1:8787처럼 쓰세요.",
    ),
    "web.listening": (
        "Webhooks are received on http://{host}:{port}/github.",
        "http://{host}:{port}/github에서 웹훅을 받습니다.",
    ),
}

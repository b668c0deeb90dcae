"""Catalogue: service."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "service.installed": ("Wrote {file}.", "{file}을(를) 만들었습니다."),
    "service.keys": (
        "No key stands in it. The service reads variables such as ANTHROPIC_API_KEY=... from "
        "{file}; make that file readable by you alone (chmod 600).",
        "그 안에 키는 없습니다. 서비스는 ANTHROPIC_API_KEY=... 같은 변수를 {file}에서 읽습니다. 이 "
        "파일은 본인만 읽을 수 있게 하세요(chmod 600).",
    ),
    "service.credential": (
        "Better than such a file: `harness config key ANTHROPIC_API_KEY` once, which the service "
        "reads too, or a credential of systemd: `harness service install --credential "
        "anthropic_api_key:FILE`.",
        "그런 파일보다 나은 방법: `harness config key ANTHROPIC_API_KEY`를 한 번 실행하면 서비스도 그 값을 "
        "읽습니다. systemd 자격 증명을 쓰려면 `harness service install --credential "
        "anthropic_api_key:FILE`을 실행하세요.",
    ),
    "service.bad_credential": (
        "--credential {given}: write NAME:FILE, the variable's name in small letters and a file of "
        "yours, such as anthropic_api_key:/home/me/key.",
        "--credential {given}: NAME:FILE로 적으세요. 소문자로 쓴 변수 이름과 본인의 파일입니다. 예: "
        "anthropic_api_key:/home/me/key.",
    ),
    "service.start": (
        "Start it now and with the machine, and keep it after you log out:",
        "지금, 그리고 컴퓨터를 켤 때 시작하고 로그아웃 뒤에도 유지하려면:",
    ),
    "service.command": ("  {command}", "  {command}"),
    "service.uninstalled": (
        "Removed {file}. `systemctl --user daemon-reload` makes systemd forget it.",
        "{file}을(를) 지웠습니다. `systemctl --user daemon-reload`를 실행하면 systemd에서도 "
        "사라집니다.",
    ),
    "service.running": (
        "It is running. Stop it first: `{command}`.",
        "실행 중입니다. 먼저 멈추세요: `{command}`.",
    ),
    "service.absent": (
        "There is no service: {file} does not exist. `harness service install` makes it.",
        "서비스가 없습니다. {file}이(가) 없으며 `harness service install`로 만들 수 있습니다.",
    ),
    "service.not_ours": (
        "{file} was not made by harness and is left as it is. Move it away first.",
        "{file}은(는) harness가 만든 것이 아니므로 그대로 둡니다. 먼저 옮겨 주세요.",
    ),
    "service.status": (
        "{file} is installed; systemd says: {state}.",
        "{file} 설치됨. systemd: {state}.",
    ),
    "service.no_systemd": (
        "There is no systemd here (macOS, a container, another init). Let what your machine has "
        "start `harness run`: launchd, cron with `harness run --once`, or a terminal that stays.",
        "systemd가 없습니다(macOS, 컨테이너, 다른 init). launchd, `harness run --once`를 부르는 "
        "cron, 또는 켜 둔 터미널처럼 이 컴퓨터에 있는 것으로 `harness run`을 시작하세요.",
    ),
    "service.odd_path": (
        "The path {path} holds a control character and cannot stand in a unit of systemd.",
        "경로 {path}에 제어 문자가 있어 systemd 유닛에 쓸 수 없습니다.",
    ),
}

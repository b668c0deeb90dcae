"""Catalogue: workspace."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "workspace.box_closed": (
        "The sandbox is closed; this step needs a new one.",
        "샌드박스가 이미 닫혔습니다. 이 단계에는 새 샌드박스가 필요합니다.",
    ),
    "workspace.bwrap_missing": (
        "The program `{program}` is not installed. Install bubblewrap (Debian, Ubuntu: "
        "`sudo apt-get install bubblewrap`; Fedora: `sudo dnf install bubblewrap`).",
        "`{program}` 프로그램이 설치되어 있지 않습니다. bubblewrap을 설치하세요(Debian, Ubuntu: "
        "`sudo apt-get install bubblewrap`, Fedora: `sudo dnf install bubblewrap`).",
    ),
    "workspace.bwrap_old": (
        "bubblewrap {found} is too old: 0.8 or later is needed. Update the package `bubblewrap`.",
        "bubblewrap {found}은(는) 너무 오래되었습니다. 0.8 이상이 필요하니 `bubblewrap` 패키지를 "
        "업데이트하세요.",
    ),
    "workspace.bwrap_refused": (
        "bubblewrap is installed but could not open a sandbox: {reason}. User namespaces must be "
        "allowed: `sudo sysctl kernel.unprivileged_userns_clone=1` (Debian), "
        "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu 24.04 or later).",
        "bubblewrap이 설치되어 있지만 샌드박스를 열지 못했습니다: {reason}. 사용자 네임스페이스를 "
        "허용해야 합니다: `sudo sysctl kernel.unprivileged_userns_clone=1`(Debian), "
        "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`(Ubuntu 24.04 이상).",
    ),
    "workspace.container_far": (
        "The container engine runs its containers where they cannot be watched ({reason}). Use an "
        "engine of this machine.",
        "컨테이너 엔진이 컨테이너를 감시할 수 없는 곳에서 실행합니다({reason}). 이 머신의 엔진을 사용하세요.",
    ),
    "workspace.container_image": (
        "{engine} has no image {image}: {reason}. Fetch it first (`{engine} pull {image}`); harness "
        "never does.",
        "{engine}에 {image} 이미지가 없습니다: {reason}. 먼저 내려받으세요(`{engine} pull {image}`). "
        "harness가 직접 내려받지는 않습니다.",
    ),
    "workspace.container_missing": (
        "The container engine `{program}` is not installed. Install Docker or Podman, or set "
        "sandbox.engine or sandbox.kind.",
        "컨테이너 엔진 `{program}`이(가) 설치되어 있지 않습니다. Docker나 Podman을 설치하거나 "
        "sandbox.engine 또는 sandbox.kind를 바꾸세요.",
    ),
    "workspace.container_no_image": (
        "No image for the container sandbox: set sandbox.image to one that has python3 and the "
        "project's tools.",
        "컨테이너 샌드박스에 쓸 이미지가 없습니다. python3와 프로젝트 도구가 든 이미지를 sandbox.image에 "
        "설정하세요.",
    ),
    "workspace.container_refused": (
        "{engine} is installed but could not open a sandbox from {image}: {reason}. The image needs "
        "python3 (3.9 or later), a shell and `env`.",
        "{engine}이(가) 설치되어 있지만 {image}(으)로 샌드박스를 열지 못했습니다: {reason}. 이미지에는 "
        "python3(3.9 이상), 셸, `env`가 있어야 합니다.",
    ),
    "workspace.freeze_failed": (
        "The sandbox could not be stopped for a look at its files: a process in it does not react.",
        "파일을 확인하기 위해 샌드박스를 멈추려 했지만, 안에서 반응하지 않는 프로세스가 있습니다.",
    ),
    "workspace.no_room": (
        "The sandbox has no room for another process: {reason}",
        "샌드박스에 새 프로세스를 만들 여유가 없습니다: {reason}",
    ),
    "workspace.runner_gone": (
        "The sandbox ended unexpectedly: its runner was killed or could not start. {reason}",
        "샌드박스가 예기치 않게 종료되었습니다. 실행기가 강제 종료되었거나 시작하지 못했습니다. "
        "{reason}",
    ),
    "workspace.runner_nonsense": (
        "The sandbox gave an answer that cannot be right, so it was closed.",
        "샌드박스가 올바르지 않은 응답을 보내 닫았습니다.",
    ),
    "workspace.runner_silent": (
        "The sandbox gave no answer within {seconds} seconds, so it was closed.",
        "샌드박스가 {seconds}초 안에 응답하지 않아 닫았습니다.",
    ),
    "workspace.seccomp_failed": (
        "The sandbox's filter of system calls could not be made: {reason}. Without it no sandbox is "
        "opened.",
        "샌드박스의 시스템 호출 필터를 만들지 못했습니다: {reason}. 필터 없이는 샌드박스를 열지 않습니다.",
    ),
    "workspace.seccomp_machine": (
        "There is no filter of system calls for this machine ({machine}), so no sandbox is opened. "
        "x86_64 and aarch64 are supported.",
        "이 머신({machine})에 맞는 시스템 호출 필터가 없어 샌드박스를 열지 않습니다. x86_64와 aarch64를 "
        "지원합니다.",
    ),
    "workspace.seccomp_missing": (
        "The sandbox's filter of system calls needs libseccomp: {reason}. Install it (Debian, Ubuntu: "
        "`sudo apt-get install libseccomp2`; Fedora: `sudo dnf install libseccomp`).",
        "샌드박스의 시스템 호출 필터에는 libseccomp이 필요합니다: {reason}. 설치하세요(Debian, Ubuntu: "
        "`sudo apt-get install libseccomp2`, Fedora: `sudo dnf install libseccomp`).",
    ),
    "workspace.setup_failed": (
        "Setting up the project's environment failed. `{command}` ended with code {code} (hosts it "
        "may reach: {reach}). If it must download packages, list their hosts in "
        "environment.allow.\n{log}",
        "프로젝트 환경을 준비하지 못했습니다. `{command}` 명령이 코드 {code}(으)로 끝났습니다(접속 허용 "
        "호스트: {reach}). 패키지를 내려받아야 한다면 그 호스트를 environment.allow에 적으세요.\n{log}",
    ),
    "workspace.setup_refused": (
        "Setting up the project's environment failed. `{command}` ended with code {code} and was not "
        "let out to {hosts}. If you trust them, add them to environment.allow (it lists: "
        "{reach}).\n{log}",
        "프로젝트 환경을 준비하지 못했습니다. `{command}` 명령이 코드 {code}(으)로 끝났고 {hosts} 접속이 "
        "차단되었습니다. 신뢰하는 호스트라면 environment.allow에 추가하세요(현재: {reach}).\n{log}",
    ),
    "workspace.setup_killed": (
        "Setting up the project's environment crossed a limit ({why}): `{command}` was ended. Raise "
        "the limits of [sandbox] or [environment].\n{log}",
        "프로젝트 환경을 준비하는 중 한도({why})를 넘어 `{command}` 명령을 중단했습니다. [sandbox]나 "
        "[environment]의 한도를 높이세요.\n{log}",
    ),
}

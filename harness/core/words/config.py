"""Catalogue: config."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "config.missing_file": (
        "{file} does not exist. Create it or correct the path.",
        "{file} 파일이 없습니다. 파일을 만들거나 경로를 고치세요.",
    ),
    "config.unreadable": (
        "{file} cannot be read: {why}.",
        "{file} 파일을 읽을 수 없습니다: {why}.",
    ),
    "config.not_utf8": (
        "{where}: the file is not UTF-8 text. Save it as UTF-8.",
        "{where}: UTF-8 텍스트가 아닙니다. UTF-8로 저장하세요.",
    ),
    "config.bad_toml": (
        "{where}: not valid TOML: {what}. Correct that line.",
        "{where}: 올바른 TOML이 아닙니다: {what}. 해당 줄을 고치세요.",
    ),
    "config.unknown_key": (
        "{where}: there is no setting {name}. Remove it; `harness config schema` lists them all.",
        "{where}: {name} 설정은 없으니 지우세요. 전체 목록: `harness config schema`.",
    ),
    "config.unknown_key_near": (
        "{where}: there is no setting {name}. Did you mean {near}?",
        "{where}: {name} 설정은 없습니다. 혹시 {near}인가요?",
    ),
    "config.operator_key": (
        "{where}: {name} may be set only by the person who runs harness, not by the project. "
        "Move it to {file}.",
        "{where}: {name} 설정은 프로젝트가 아니라 harness를 실행하는 사람만 정할 수 있습니다. "
        "{file} 파일로 옮기세요.",
    ),
    "config.want_integer": (
        "{where}: {name} must be a whole number without quotes, not {got}.",
        "{where}: {name} 값은 따옴표 없는 정수여야 합니다. 지금 값: {got}.",
    ),
    "config.want_number": (
        "{where}: {name} must be a number without quotes, not {got}.",
        "{where}: {name} 값은 따옴표 없는 숫자여야 합니다. 지금 값: {got}.",
    ),
    "config.want_bool": (
        "{where}: {name} must be true or false without quotes, not {got}.",
        "{where}: {name} 값은 따옴표 없는 true 또는 false여야 합니다. 지금 값: {got}.",
    ),
    "config.want_text": (
        "{where}: {name} must be text in quotes, not {got}.",
        "{where}: {name} 값은 따옴표로 묶은 글이어야 합니다. 지금 값: {got}.",
    ),
    "config.want_list": (
        '{where}: {name} must be a list such as ["a", "b"], not {got}.',
        '{where}: {name} 값은 ["a", "b"] 같은 목록이어야 합니다. 지금 값: {got}.',
    ),
    "config.want_table": (
        "{where}: {name} is a table: write [{name}] and its settings below.",
        "{where}: {name} 항목은 표입니다. [{name}] 아래에 설정을 적으세요.",
    ),
    "config.want_table_of": (
        '{where}: {name} must be a table such as {{ NAME = "value" }}, not {got}.',
        '{where}: {name} 값은 {{ NAME = "value" }} 같은 표여야 합니다. 지금 값: {got}.',
    ),
    "config.want_one_of": (
        "{where}: {name} must be one of {choices}, not {got}.",
        "{where}: {name} 값은 {choices} 가운데 하나여야 합니다. 지금 값: {got}.",
    ),
    "config.want_range": (
        "{where}: {name} must be {rule}, not {got}.",
        "{where}: {name} 값은 {rule} 조건을 지켜야 합니다. 지금 값: {got}.",
    ),
    "config.wrong_value": (
        "{where}: {name} cannot be {got}: {why}.",
        "{where}: {name} 값으로 {got}을(를) 쓸 수 없습니다: {why}.",
    ),
    "config.missing_key": (
        "{where}: {name} must be set too.",
        "{where}: {name} 값도 정해야 합니다.",
    ),
    "config.role_unknown": (
        "{where}: {name} names the model {model}, which [models] does not have (it has: {known}).",
        "{where}: {name}에 적힌 모델 {model}은(는) [models]에 없습니다(있는 것: {known}).",
    ),
    "config.bad_every": (
        '{where}: {name} must be a number and s, m, h or d, such as "5m", not "{got}".',
        '{where}: {name} 값은 "5m"처럼 숫자와 s, m, h, d 가운데 하나여야 합니다. 지금 값: "{got}".',
    ),
    "config.bad_cron": (
        '{where}: schedule.cron must have five fields, such as "*/10 * * * *", not "{got}".',
        '{where}: schedule.cron 값은 "*/10 * * * *"처럼 다섯 칸이어야 합니다. 지금 값: "{got}".',
    ),
    "config.no_model": (
        "No model is set up. Set ANTHROPIC_API_KEY or OPENAI_API_KEY in the environment; or, for "
        'a server of your own, write [models.local] with dialect = "openai", model = "NAME" '
        'and base_url = "http://127.0.0.1:PORT/v1" into ~/.config/harness/config.toml.',
        "사용할 모델이 없습니다. 환경 변수 ANTHROPIC_API_KEY 또는 OPENAI_API_KEY를 정하세요. "
        "직접 띄운 서버를 쓰려면 ~/.config/harness/config.toml 파일에 [models.local]을 만들고 "
        'dialect = "openai", model = "이름", base_url = "http://127.0.0.1:포트/v1"을 적으세요.',
    ),
    "config.which_model": (
        "Several models are set up ({known}): say which one works, by roles.worker.",
        "모델이 여럿입니다({known}). roles.worker로 어느 모델을 쓸지 정하세요.",
    ),
    "config.model_unknown": (
        "There is no model {model} in [models] (it has: {known}).",
        "[models]에 {model} 모델이 없습니다(있는 것: {known}).",
    ),
    "config.no_key": (
        "The model {model} needs its key: `harness config key {variable}` asks for it, or set "
        "{variable} in the environment, or api_key_file in [models.{model}].",
        "{model} 모델에는 키가 필요합니다. `harness config key {variable}`로 입력하거나, 환경 변수 "
        "{variable}을(를) 정하거나, [models.{model}]에 api_key_file을 적으세요.",
    ),
    "config.key_file_open": (
        "{file} holds a secret and others can read it. Run: chmod 600 {file}",
        "{file} 파일에 비밀 값이 있는데 다른 사람도 읽을 수 있습니다. 실행하세요: chmod 600 {file}",
    ),
    "config.key_file_empty": (
        "{file} should hold a key or a token and is empty.",
        "{file} 파일에 키나 토큰이 있어야 하는데 비어 있습니다.",
    ),
    "config.sandbox_later": (
        "The sandbox {kind} is not part of this release. Set sandbox.kind to one of: {known}.",
        "{kind} 격리 방식은 이 버전에 없습니다. sandbox.kind를 다음 가운데 하나로 "
        "정하세요: {known}.",
    ),
    "config.no_script": (
        "The scripted model {model} needs models.{model}.script, the file of its replies.",
        "각본 모델 {model}에는 답변 파일인 models.{model}.script가 필요합니다.",
    ),
    "config.no_dates": (
        "{where}: {name} cannot be a date or a time; no setting is one.",
        "{where}: {name} 값으로 날짜나 시각을 쓸 수 없습니다. 그런 설정은 없습니다.",
    ),
    "config.network_host": (
        "{where}: environment.network = host is gone; list the hosts in environment.allow, such as "
        'allow = ["pypi.org", "files.pythonhosted.org"].',
        "{where}: environment.network = host는 없어졌습니다. 접속할 호스트를 environment.allow에 적으세요. "
        '예: allow = ["pypi.org", "files.pythonhosted.org"].',
    ),
    "config.bad_host": (
        '{where}: {name} has "{got}", which is no host. Write a name or an address, with a port when '
        'it is not 443: "pypi.org", "packages.example.com:8443".',
        '{where}: {name}의 "{got}"은(는) 호스트가 아닙니다. 이름이나 주소를 적고, 443이 아니면 포트도 '
        '적으세요: "pypi.org", "packages.example.com:8443".',
    ),
    "config.no_common": (
        "{where}: {name} has nothing in common with the operator's list ({ours}), so "
        "nothing would be let in. Add one of those.",
        "{where}: {name} 값이 운영자의 목록({ours})과 겹치지 않아 아무것도 허용되지 "
        "않습니다. 그 가운데 하나를 넣으세요.",
    ),
    "config.too_deep": (
        "{where}: keys or lists are nested too deeply; no setting has more than four levels.",
        "{where}: 키나 목록이 너무 깊게 중첩됨. 네 단계보다 깊은 설정은 없음.",
    ),
    "config.skill": ("{path} is no skill: {why}.", "{path}은(는) 스킬이 아님: {why}."),
    "config.no_webhook_secret": (
        "The webhook needs a secret: set {variable}, or name a file of your own with "
        "webhook.secret_file. `openssl rand -hex 32` makes one; GitHub gets the same.",
        "웹훅에는 비밀 값이 필요합니다. {variable}을(를) 설정하거나 webhook.secret_file로 본인만 "
        "읽을 수 있는 파일을 지정하세요. `openssl rand -hex 32`로 만들 수 있으며 GitHub에도 같은 "
        "값을 넣습니다.",
    ),
    "config.keyring_silent": (
        "The system's keyring did not answer within {seconds} seconds; it may be waiting for a "
        "prompt that nobody sees. Unlock it, or give {variable} in another way: "
        "`harness config key {variable} --file`.",
        "시스템 키링이 {seconds}초 안에 답하지 않았습니다. 보이지 않는 창에서 입력을 기다리는지도 모릅니다. "
        "잠금을 풀거나 {variable} 값을 다른 방법으로 주세요: `harness config key {variable} --file`.",
    ),
    "config.keyring_failed": (
        "The system's keyring failed: {said}. Mend it, or give {variable} in another way: "
        "`harness config key {variable} --file`.",
        "시스템 키링에서 오류가 났습니다: {said}. 고치거나 {variable} 값을 다른 방법으로 주세요: "
        "`harness config key {variable} --file`.",
    ),
    "config.from_file": ("the file {file}", "파일 {file}"),
    "config.from_credential": ("the systemd credential {file}", "systemd 자격 증명 {file}"),
    "config.from_env": ("the environment variable {variable}", "환경 변수 {variable}"),
    "config.from_kept": (
        "{file}, kept by `harness config key`",
        "`harness config key`가 둔 {file}",
    ),
    "config.from_keyring": (
        "the system's keyring, as {variable} of harness",
        "시스템 키링(harness의 {variable})",
    ),
    "config.bad_key_name": (
        "That is no name of a variable. Use letters, digits and _, such as ANTHROPIC_API_KEY; the "
        "key itself is asked for, never given as an argument.",
        "변수 이름이 아닙니다. ANTHROPIC_API_KEY처럼 글자, 숫자, _만 쓰세요. 키 자체는 인자로 주지 않고 물을 때 "
        "입력합니다.",
    ),
    "config.key_empty": (
        "Nothing was given for {name}; nothing was changed.",
        "{name} 값이 입력되지 않아 아무것도 바꾸지 않았습니다.",
    ),
    "config.key_prompt": ("{name} (not shown)", "{name} (표시되지 않음)"),
    "config.key_kept": (
        "{name} is in {file}, readable by you alone.",
        "{name} 값을 {file}에 두었습니다. 본인만 읽을 수 있습니다.",
    ),
    "config.key_in_keyring": (
        "{name} is in the system's keyring.",
        "{name} 값을 시스템 키링에 넣었습니다.",
    ),
    "config.key_goes_after": (
        "It is not used as long as there is {origin}.",
        "{origin}이(가) 있는 동안에는 쓰이지 않습니다.",
    ),
    "config.key_unused": (
        'No setting asks for it yet: write api_key_env = "{name}" in [models.<name>], or token_env '
        "in [forge].",
        '아직 이 값을 쓰는 설정이 없습니다. [models.<이름>]에 api_key_env = "{name}"을(를), 또는 [forge]에 '
        "token_env를 적으세요.",
    ),
}

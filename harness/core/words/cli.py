"""Catalogue: cli."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "cli.help": (
        "Turns issues into merged pull requests, unattended, and proves each one.",
        "이슈를 병합된 풀 리퀘스트로 바꿉니다. 지켜보지 않아도 되고, 하나하나 증명합니다.",
    ),
    "cli.help.commands": ("Commands", "명령"),
    "cli.opt.language": ("Language of messages: en or ko.", "메시지 언어: en 또는 ko."),
    "cli.opt.state_dir": ("Folder where harness keeps its state.", "harness가 상태를 두는 폴더."),
    "cli.opt.project": ("Which registered project is meant.", "어느 등록된 프로젝트인지."),
    "cli.opt.debug": ("Show the traceback of an error.", "오류의 역추적을 보여 줍니다."),
    "cli.opt.version": ("Print the version.", "버전을 출력합니다."),
    "cli.opt.json": ("Print JSON.", "JSON으로 출력합니다."),
    "cli.opt.as": ("Who acts, by login.", "누구로서 하는지(로그인 이름)."),
    "cli.interrupted": (
        "Interrupted. Nothing is lost: the same command goes on from here.",
        "중단했습니다. 잃은 것은 없습니다. 같은 명령을 다시 실행하면 이어집니다.",
    ),
    "cli.crashed": (
        "Something unexpected happened: {what}. The details are in {log}; `--debug` shows them.",
        "예상하지 못한 일이 생겼습니다: {what}. 자세한 내용: {log}, 또는 `--debug`.",
    ),
    "cli.language_unknown": (
        "There is no language {language}; choose en or ko.",
        "{language} 언어는 없습니다. en 또는 ko를 고르세요.",
    ),
    "cli.project_none": (
        "No project is registered. Run `harness init` in your git repository.",
        "등록된 프로젝트가 없습니다. git 저장소에서 `harness init`을 실행하세요.",
    ),
    "cli.project_unknown": (
        "There is no project {project}. Registered: {known}.",
        "{project} 프로젝트가 없습니다. 등록된 것: {known}.",
    ),
    "cli.project_which": (
        "This folder belongs to no registered project. Say --project with one of: {known}.",
        "이 폴더는 등록된 프로젝트에 속하지 않습니다. --project로 고르세요: {known}.",
    ),
    "cli.usage.help": ("See `{command} --help`.", "`{command} --help`를 보세요."),
    "cli.usage.option": ("There is no option {option}.", "{option} 옵션은 없습니다."),
    "cli.usage.option_near": (
        "There is no option {option}; did you mean {near}?",
        "{option} 옵션은 없습니다. 혹시 {near}인가요?",
    ),
    "cli.usage.missing": ("{what} is missing.", "{what}이(가) 빠졌습니다."),
    "cli.usage.value": (
        "The value of {what} is wrong: {why}.",
        "{what} 값이 잘못되었습니다: {why}.",
    ),
    "cli.usage.command": ("There is no command {command}.", "{command} 명령은 없습니다."),
    "cli.usage.command_near": (
        "There is no command {command}; did you mean {near}?",
        "{command} 명령은 없습니다. 혹시 {near}인가요?",
    ),
    "cli.usage.other": ("The command line is wrong: {why}", "명령줄이 잘못되었습니다: {why}"),
    "cli.help.init": (
        "Register this git repository and give it a place for issues.",
        "이 git 저장소를 등록하고 이슈를 둘 곳을 만듭니다.",
    ),
    "cli.help.run": (
        "Work on issues: on a schedule, or once.",
        "이슈를 처리합니다. 일정에 따라, 또는 한 번만.",
    ),
    "cli.help.status": ("What is going on.", "지금 무슨 일이 진행 중인지."),
    "cli.help.why": (
        "Why an issue is where it is, and what comes next.",
        "이슈가 왜 그 상태인지, 다음은 무엇인지.",
    ),
    "cli.help.service": (
        "Let the daemon start with the machine (systemd, as your own user).",
        "컴퓨터와 함께 데몬을 시작합니다(systemd, 본인 계정).",
    ),
    "cli.help.service.install": (
        "Write the unit and say how to start it.",
        "유닛을 만들고 시작하는 법을 알려 줍니다.",
    ),
    "cli.help.service.uninstall": ("Remove the unit.", "유닛을 지웁니다."),
    "cli.help.service.status": (
        "Whether it is installed, and what systemd says of it.",
        "설치되었는지, systemd가 뭐라고 하는지.",
    ),
    "cli.help.clean": (
        "Clear away what is of no more use; unpublished work is saved first.",
        "더 쓰이지 않는 것을 정리합니다. 게시되지 않은 작업은 먼저 저장합니다.",
    ),
    "cli.opt.credential": (
        "Have systemd hand this file to the service as a credential, such as "
        "anthropic_api_key:/home/me/key; may be given several times.",
        "systemd가 이 파일을 자격 증명으로 서비스에 넘기게 합니다. 예: anthropic_api_key:/home/me/key. 여러 번 "
        "쓸 수 있습니다.",
    ),
    "cli.opt.key_file": (
        "Keep it in a file of yours even where there is a keyring.",
        "키링이 있어도 본인만 읽는 파일에 둡니다.",
    ),
    "cli.opt.env_file": (
        "File of variables (keys and tokens) that the service is started with, readable by you "
        "alone.",
        "서비스를 시작할 때 쓸 변수(키와 토큰) 파일. 본인만 읽을 수 있어야 합니다.",
    ),
    "cli.opt.clean_dry_run": (
        "Only say what would go and what would be saved.",
        "무엇이 지워지고 무엇이 저장될지만 보여 줍니다.",
    ),
    "cli.help.logs": ("What happened to an issue so far.", "이슈에 지금까지 있었던 일."),
    "cli.help.report": (
        "The report of an issue, or of the last days.",
        "이슈 하나의, 또는 지난 며칠의 보고서.",
    ),
    "cli.help.triage": (
        "Judge issues without working on them.",
        "이슈를 처리하지 않고 판정만 합니다.",
    ),
    "cli.help.plan": (
        "Show, make or edit an issue's plan.",
        "이슈의 계획을 보고, 만들고, 고칩니다.",
    ),
    "cli.help.approve": ("Say yes to what an issue waits for.", "이슈가 기다리는 일을 승인합니다."),
    "cli.help.reject": ("Say no to what an issue waits for.", "이슈가 기다리는 일을 거절합니다."),
    "cli.help.answer": ("Answer an issue's question.", "이슈의 질문에 답합니다."),
    "cli.help.pause": ("Let an issue rest.", "이슈를 쉬게 합니다."),
    "cli.help.resume": ("Let an issue go on.", "이슈를 계속하게 합니다."),
    "cli.help.cancel": ("End an issue's run for good.", "이슈의 실행을 완전히 끝냅니다."),
    "cli.help.retry": ("Try an issue again.", "이슈를 다시 시도합니다."),
    "cli.help.undo": (
        "Take a merged change back by a pull request.",
        "병합된 변경을 풀 리퀘스트로 되돌립니다.",
    ),
    "cli.help.issue": ("Issues of the embedded forge.", "내장 포지의 이슈."),
    "cli.help.pr": ("Pull requests of the embedded forge.", "내장 포지의 풀 리퀘스트."),
    "cli.help.pull": (
        "Bring what was merged into your branch.",
        "병합된 것을 내 브랜치로 가져옵니다.",
    ),
    "cli.help.agent": (
        "One session in a sandboxed copy of this repository.",
        "이 저장소의 격리된 사본에서 세션 하나를 돌립니다.",
    ),
    "cli.help.config": (
        "Show, check or explain the settings.",
        "설정을 보고, 검사하고, 설명합니다.",
    ),
    "cli.help.doctor": (
        "Check that everything needed is there.",
        "필요한 것이 다 있는지 검사합니다.",
    ),
    "cli.help.config.show": (
        "The settings in force, and where each was said.",
        "지금 쓰이는 설정과 그 출처.",
    ),
    "cli.help.config.check": (
        "Find what is wrong in the settings.",
        "설정에서 잘못된 것을 찾습니다.",
    ),
    "cli.help.config.key": (
        "Keep a secret, such as ANTHROPIC_API_KEY: asked for or read from standard input, put into "
        "the system's keyring or a file of yours.",
        "ANTHROPIC_API_KEY 같은 비밀 값을 둡니다. 물어보거나 표준 입력에서 읽어 시스템 키링이나 본인만 읽는 "
        "파일에 넣습니다.",
    ),
    "cli.help.config.schema": ("Every setting there is.", "있을 수 있는 모든 설정."),
    "cli.config.key": ("setting", "설정"),
    "cli.config.value": ("value", "값"),
    "cli.config.from": ("said in", "출처"),
    "cli.config.type": ("type", "형식"),
    "cli.config.class": ("who", "누가"),
    "cli.config.help": ("meaning", "뜻"),
    "cli.config.fine": (
        "The settings are fine. Read: {files}.",
        "설정에 문제가 없습니다. 읽은 곳: {files}.",
    ),
    "cli.opt.number": ("Number of the issue.", "이슈 번호."),
    "cli.opt.numbers": ("Numbers of the issues; none means all.", "이슈 번호들. 없으면 전부."),
    "cli.opt.text": (
        "What you want to say; - reads it from standard input.",
        "하고 싶은 말. - 이면 표준 입력에서 읽습니다.",
    ),
    "cli.opt.once": (
        "Look once, work until everything waits or is over, and end.",
        "한 번만 살피고, 모두 기다리거나 끝날 때까지 처리한 뒤 마칩니다.",
    ),
    "cli.opt.dry_run": (
        "Only show what would be done, and what it may cost.",
        "무엇을 할지, 비용이 얼마까지 들지 보여 주기만 합니다.",
    ),
    "cli.opt.cron": (
        'When to look, as a cron expression such as "*/10 * * * *".',
        '살피는 때. "*/10 * * * *" 같은 cron 식.',
    ),
    "cli.opt.every": ("How often to look, such as 5m.", "살피는 간격. 예: 5m."),
    "cli.opt.model": ("Model of [models] that works.", "일할 모델([models]에 있는 이름)."),
    "cli.opt.sandbox": (
        "bubblewrap, container or none.",
        "bubblewrap, container, none 가운데 하나.",
    ),
    "cli.opt.watch": ("Keep showing it until Ctrl-C.", "Ctrl-C를 누를 때까지 계속 보여 줍니다."),
    "cli.opt.all": ("Show runs that are over too.", "끝난 실행도 보여 줍니다."),
    "cli.opt.follow": (
        "Go on showing what happens until the run is over.",
        "실행이 끝날 때까지 계속 보여 줍니다.",
    ),
    "cli.opt.edit": ("Edit the plan in $EDITOR.", "$EDITOR로 계획을 고칩니다."),
    "cli.opt.since": (
        "Report on the last days: 12h, 7d, 2w.",
        "지난 기간의 보고서: 12h, 7d, 2w.",
    ),
    "cli.opt.html": ("Write one HTML file there.", "그 경로에 HTML 파일 하나를 씁니다."),
    "cli.opt.open": ("Show it in the browser.", "브라우저에서 보여 줍니다."),
    "cli.opt.prompt": (
        "What to do; - reads it from standard input.",
        "할 일. - 이면 표준 입력에서 읽습니다.",
    ),
    "cli.opt.apply": ("Apply the change to your files.", "바뀐 내용을 내 파일에 적용합니다."),
    "cli.opt.name": (
        "Short name of the project; made from the folder's name.",
        "프로젝트의 짧은 이름. 없으면 폴더 이름으로 만듭니다.",
    ),
    "cli.opt.branch": (
        "Branch that changes are made for; the current one.",
        "변경을 병합할 브랜치. 없으면 현재 브랜치.",
    ),
    "cli.stage.triage": ("triage", "판정"),
    "cli.stage.reproduce": ("reproduce", "재현"),
    "cli.stage.plan": ("plan", "계획"),
    "cli.stage.implement": ("implement", "구현"),
    "cli.stage.verify": ("verify", "검증"),
    "cli.stage.review": ("review", "리뷰"),
    "cli.stage.publish": ("publish", "게시"),
    "cli.stage.follow_up": ("follow up", "후속 처리"),
    "cli.stage.merge": ("merge", "병합"),
    "cli.stage.report": ("report", "보고"),
    "cli.state.active": ("working", "작업 중"),
    "cli.state.waiting": ("waiting", "대기"),
    "cli.state.held": ("held", "보류"),
    "cli.state.paused": ("paused", "일시 중지"),
    "cli.state.done": ("done", "완료"),
    "cli.state.failed": ("failed", "실패"),
    "cli.state.cancelled": ("cancelled", "취소"),
    "cli.state.not_started": ("not started", "시작 안 함"),
    "cli.active_triage": (
        "The issue is being read and judged.",
        "이슈를 읽고 판정하는 중입니다.",
    ),
    "cli.active_reproduce": ("The problem is being reproduced.", "문제를 재현하는 중입니다."),
    "cli.active_plan": ("A plan is being made.", "계획을 세우는 중입니다."),
    "cli.active_implement": ("The change is being written.", "변경을 작성하는 중입니다."),
    "cli.active_verify": (
        "The change is being tested in a fresh sandbox.",
        "새 격리 환경에서 변경을 검사하는 중입니다.",
    ),
    "cli.active_review": ("The change is being reviewed.", "변경을 리뷰하는 중입니다."),
    "cli.active_publish": ("The pull request is being opened.", "풀 리퀘스트를 여는 중입니다."),
    "cli.active_follow_up": (
        "Checks and reviews of the pull request are followed.",
        "풀 리퀘스트의 검사와 리뷰를 따라가는 중입니다.",
    ),
    "cli.active_merge": ("The pull request is being merged.", "풀 리퀘스트를 병합하는 중입니다."),
    "cli.active_report": ("The report is being written.", "보고서를 쓰는 중입니다."),
    "cli.run_paused": ("Paused by a person.", "사람이 일시 중지했습니다."),
    "cli.run_done": ("It is done.", "끝났습니다."),
    "cli.run_failed": ("It failed.", "실패했습니다."),
    "cli.run_cancelled": ("It was cancelled.", "취소되었습니다."),
    "cli.status.project": ("project", "프로젝트"),
    "cli.status.issue": ("issue", "이슈"),
    "cli.status.title": ("title", "제목"),
    "cli.status.stage": ("stage", "단계"),
    "cli.status.state": ("state", "상태"),
    "cli.status.why": ("why", "이유"),
    "cli.status.spent": ("spent", "사용"),
    "cli.status.next": ("next", "다음"),
    "cli.status.person": ("your turn", "사람 차례"),
    "cli.status.foot": (
        "As of {at}. Next look: {next}. Spent today: {spent}.",
        "{at} 기준. 다음 확인: {next}. 오늘 사용: {spent}.",
    ),
    "cli.status.foot_project": (
        "As of {at}. Next look: {next}. Spent today: {spent}, of it by {project}: {mine}.",
        "{at} 기준. 다음 확인: {next}. 오늘 사용: {spent}, 그중 {project}: {mine}.",
    ),
    "cli.status.forge": (
        "GitHub lets us ask {remaining} of {limit} times until {reset}; {share} % of what was "
        "asked had not changed; {writes} writes.",
        "GitHub에 {reset}까지 {limit}번 중 {remaining}번 더 물을 수 있습니다. 물은 것의 {share} %는 "
        "바뀌지 않았고, 쓰기는 {writes}번입니다.",
    ),
    "cli.status.forge_waits": (
        "GitHub asked us to wait until {until}.",
        "GitHub이 {until}까지 기다리라고 했습니다.",
    ),
    "cli.status.never": (
        "harness has not run here yet. Start it with `harness run --once`.",
        "아직 harness를 실행하지 않았습니다. `harness run --once`로 시작하세요.",
    ),
    "cli.status.nothing": ("There is nothing to show.", "보여 줄 것이 없습니다."),
    "cli.snapshot_broken": (
        "{file} cannot be read as harness wrote it. `harness run --once` writes it anew.",
        "{file} 파일을 읽을 수 없습니다. `harness run --once`를 실행하면 다시 만들어집니다.",
    ),
    "cli.snapshot_version": (
        "{file} was written by another release of harness (form {version}). `harness run "
        "--once` of this release writes it anew.",
        "{file} 파일은 다른 버전의 harness가 썼습니다(형식 {version}). 이 버전으로 "
        "`harness run --once`를 실행하면 다시 만들어집니다.",
    ),
    "cli.why.title": ("Issue #{issue}: {title}", "이슈 #{issue}: {title}"),
    "cli.why.where": (
        "Stage {stage}, {state}, since {since}.",
        "단계: {stage}, 상태: {state}, {since}부터.",
    ),
    "cli.why.because": ("Why: {why}", "이유: {why}"),
    "cli.why.held": ("Not started: {why}", "시작하지 않은 이유: {why}"),
    "cli.why.last": ("Last: {at}  {what}", "마지막 일: {at}  {what}"),
    "cli.why.pr": ("Pull request #{pr}, branch {branch}.", "풀 리퀘스트 #{pr}, 브랜치 {branch}."),
    "cli.why.spent": (
        "Spent: {spent} in {calls} model calls and {tool_calls} tool calls.",
        "사용: {spent}, 모델 호출 {calls}번, 도구 호출 {tool_calls}번.",
    ),
    "cli.why.until": (
        "It looks again by itself at {until}.",
        "{until}에 스스로 다시 확인합니다.",
    ),
    "cli.why.person": ("It waits for you: {commands}.", "당신을 기다립니다: {commands}."),
    "cli.why.may": ("You can: {commands}.", "할 수 있는 일: {commands}."),
    "cli.why.next_look": ("The next look is at {at}.", "다음 확인은 {at}입니다."),
    "cli.why.no_daemon": (
        "Nothing is running: `harness run` looks again.",
        "실행 중인 것이 없습니다. `harness run`이 다시 확인합니다.",
    ),
    "cli.why.never": (
        "harness has not run here yet, so nothing is known. `harness run --dry-run` says "
        "what it would do.",
        "아직 harness를 실행하지 않아 아는 것이 없습니다. `harness run --dry-run`으로 "
        "무엇을 할지 볼 수 있습니다.",
    ),
    "cli.why.unknown": (
        "Issue #{issue} was not seen yet (last look: {at}). Check the number, or run "
        "`harness run --once`.",
        "이슈 #{issue}을(를) 아직 보지 못했습니다(마지막 확인: {at}). 번호를 확인하거나 "
        "`harness run --once`를 실행하세요.",
    ),
    "cli.no_run": (
        "Nothing has been done for issue #{issue} yet. Check the number, or run `harness "
        "run --once`.",
        "이슈 #{issue}에 대해 아직 한 일이 없습니다. 번호를 확인하거나 `harness run "
        "--once`를 실행하세요.",
    ),
    "cli.locked": (
        "Another harness is at work here ({holder}). Wait for it or end it first.",
        "다른 harness가 일하고 있습니다({holder}). 끝나기를 기다리거나 먼저 멈추세요.",
    ),
    "cli.handed_over": (
        "Another harness is at work here ({holder}); it was asked: {answer}",
        "다른 harness가 일하고 있어({holder}) 부탁했습니다: {answer}",
    ),
    "cli.posted": (
        "Another harness is at work here ({holder}); your word was handed to it.",
        "다른 harness가 일하고 있어({holder}) 말을 전했습니다.",
    ),
    "cli.posted_waits": (
        "It was written down for issue #{issue} and will be acted on; `harness why "
        "{issue}` shows when.",
        "이슈 #{issue}에 적어 두었고 곧 처리됩니다. `harness why {issue}`로 확인하세요.",
    ),
    "cli.text_long": (
        "The text is too long: at most {most} KiB.",
        "글이 너무 깁니다. {most} KiB까지 됩니다.",
    ),
    "cli.answer_empty": ("The answer is empty.", "답이 비어 있습니다."),
    "cli.no_sandbox": (
        "Warning: no sandbox. What agents run, runs on this machine with your rights.",
        "경고: 격리 환경이 없습니다. 에이전트의 명령이 당신의 권한으로 이 컴퓨터에서 "
        "그대로 실행됩니다.",
    ),
    "cli.cron_or_every": (
        "Give --cron or --every, not both.",
        "--cron과 --every 가운데 하나만 쓰세요.",
    ),
    "cli.running": (
        "Working on {projects}; looking at {schedule}. Ctrl-C ends it; nothing is lost.",
        "{projects} 처리 중, 확인 주기 {schedule}. Ctrl-C로 멈추며 잃는 것은 없습니다.",
    ),
    "cli.preview.head": (
        "This is what would be done now. Nothing was written and no model was asked.",
        "지금 하게 될 일입니다. 아무것도 쓰지 않았고 모델도 부르지 않았습니다.",
    ),
    "cli.preview.nothing": ("Nothing would be done.", "할 일이 없습니다."),
    "cli.preview.action": ("action", "할 일"),
    "cli.preview.most": ("at most", "최대 비용"),
    "cli.preview.writes": ("would write", "쓰게 될 것"),
    "cli.preview.start": ("start", "시작"),
    "cli.preview.continue": ("continue", "계속"),
    "cli.preview.hold": ("hold", "보류"),
    "cli.preview.ignore": ("ignore", "무시"),
    "cli.triage.kind": ("kind", "종류"),
    "cli.triage.difficulty": ("difficulty", "난이도"),
    "cli.triage.nothing": ("There is no issue to judge.", "판정할 이슈가 없습니다."),
    "cli.logs.none": (
        "Nothing is recorded for issue #{issue} yet.",
        "이슈 #{issue}에 기록된 것이 아직 없습니다.",
    ),
    "cli.plan.none": (
        "Issue #{issue} has no plan. `harness why {issue}` says where it is.",
        "이슈 #{issue}에는 계획이 없습니다. `harness why {issue}`로 상태를 볼 수 있습니다.",
    ),
    "cli.plan.same": ("The plan was not changed.", "계획을 바꾸지 않았습니다."),
    "cli.plan.again": ("Edit it again?", "다시 고칠까요?"),
    "cli.plan.kept": (
        "The plan was not taken. Your text is kept in {file}.",
        "계획을 받아들이지 않았습니다. 쓰신 글은 {file}에 남아 있습니다.",
    ),
    "cli.plan.no_editor": (
        "There is no editor ({editor}). Set EDITOR to one, such as EDITOR=nano.",
        "편집기가 없습니다({editor}). EDITOR=nano처럼 EDITOR를 정하세요.",
    ),
    "cli.report.which": (
        "Say either an issue's number or --since, such as --since 7d.",
        "이슈 번호나 --since 가운데 하나를 쓰세요. 예: --since 7d.",
    ),
    "cli.report.since": (
        "--since must be a number and h, d or w, such as 7d, not {given}.",
        "--since 값은 7d처럼 숫자와 h, d, w 가운데 하나여야 합니다. 지금 값: {given}.",
    ),
    "cli.report.folder": (
        "{file} is a folder; name a file.",
        "{file}은(는) 폴더입니다. 파일 이름을 적으세요.",
    ),
    "cli.report.unwritable": (
        "{file} cannot be written: {why}.",
        "{file} 파일을 쓸 수 없습니다: {why}.",
    ),
    "cli.report.written": ("The report is in {file}.", "보고서: {file}"),
    "cli.agent.empty": ("Say what to do.", "할 일을 적으세요."),
    "cli.agent.stopped": ("It stopped early: {why}", "도중에 멈췄습니다: {why}"),
    "cli.agent.nothing": ("Nothing was changed.", "바뀐 것이 없습니다."),
    "cli.agent.applied": (
        "The change was applied to {count} of your files.",
        "파일 {count}개에 적용했습니다.",
    ),
    "cli.agent.apply": (
        "Your files are untouched. The same command with --apply applies the change.",
        "내 파일은 그대로입니다. --apply를 붙이면 적용합니다.",
    ),
    "cli.agent.spent": (
        "{turns} turns, {tokens} tokens, {cost}.",
        "{turns}턴, 토큰 {tokens}개, {cost}.",
    ),
    "cli.not_a_repository": (
        "{folder} is not in a git repository. Change to one, or make one with `git init`.",
        "{folder}은(는) git 저장소가 아닙니다. 저장소로 옮기거나 `git init`으로 만드세요.",
    ),
    "cli.bare_repository": (
        "{folder} is a bare repository without files. Use a normal clone of it.",
        "{folder}은(는) 파일이 없는 bare 저장소입니다. 일반 클론에서 실행하세요.",
    ),
    "cli.no_commits": (
        "The repository has no commit yet. Make a first one: git add . && git commit",
        "저장소에 커밋이 없습니다. 먼저 커밋하세요: git add . && git commit",
    ),
    "cli.shallow": (
        "The repository is a shallow clone. Fetch the rest first: git fetch --unshallow",
        "얕은 클론입니다. 나머지를 먼저 받으세요: git fetch --unshallow",
    ),
    "cli.detached": (
        "No branch is checked out. Check one out, or name it with --branch.",
        "체크아웃된 브랜치가 없습니다. 브랜치를 체크아웃하거나 --branch로 정하세요.",
    ),
    "cli.no_git": (
        "git is not installed. On Debian: apt-get install git",
        "git이 없습니다. Debian에서는: apt-get install git",
    ),
    "cli.git_slow": (
        "git {command} did not end in ten minutes.",
        "git {command}이(가) 10분 안에 끝나지 않았습니다.",
    ),
    "cli.git_failed": ("git {command} failed: {said}", "git {command} 실패: {said}"),
    "cli.init.done": (
        "Registered the project {project} in {file}.",
        "{project} 프로젝트를 {file}에 등록했습니다.",
    ),
    "cli.init.again": (
        "The project {project} is registered already, in {file}; nothing was changed there.",
        "{project} 프로젝트는 이미 {file}에 등록되어 있어 그대로 두었습니다.",
    ),
    "cli.init.elsewhere": (
        "Its issues are not on the embedded forge, so no remote was added.",
        "이슈가 내장 포지에 있지 않아 원격을 추가하지 않았습니다.",
    ),
    "cli.opt.github": (
        "Work on the issues of this repository on GitHub: OWNER/NAME, an address, or `origin`.",
        "GitHub의 이 저장소 이슈를 처리합니다. OWNER/NAME, 주소, 또는 `origin`.",
    ),
    "cli.opt.app": (
        "Act as the GitHub App with this number instead of by a token.",
        "토큰 대신 이 번호의 GitHub 앱으로 일합니다.",
    ),
    "cli.init.app_alone": (
        "--app goes with --github: say which repository it is for.",
        "--app은 --github와 함께 씁니다. 어느 저장소인지 알려 주세요.",
    ),
    "cli.init.no_origin": (
        "This checkout has no remote `origin`. Say --github OWNER/NAME.",
        "이 체크아웃에는 원격 `origin`이 없습니다. --github OWNER/NAME으로 지정하세요.",
    ),
    "cli.init.not_github": (
        "{said} is no repository on GitHub. Write OWNER/NAME, or https://HOST/OWNER/NAME for "
        "GitHub Enterprise.",
        "{said}은(는) GitHub 저장소가 아닙니다. OWNER/NAME, GitHub Enterprise라면 "
        "https://HOST/OWNER/NAME으로 쓰세요.",
    ),
    "cli.init.other_forge": (
        "This project is registered with another place for its issues (forge.kind = {kind}). Edit "
        "[forge] in {file}.",
        "이 프로젝트는 이슈를 두는 곳이 다르게 등록되어 있습니다(forge.kind = {kind}). {file}의 "
        "[forge]를 고치세요.",
    ),
    "cli.init.from_github": (
        "This checkout came from GitHub. To work on the issues there: move away the project's "
        "file, then `harness init --github {repository}`.",
        "이 체크아웃은 GitHub에서 왔습니다. 그곳의 이슈를 처리하려면 프로젝트 파일을 옮기고 "
        "`harness init --github {repository}`를 실행하세요.",
    ),
    "cli.init.github": (
        "Issues and pull requests are those of {repository} on GitHub.",
        "이슈와 풀 리퀘스트는 GitHub의 {repository} 것을 씁니다.",
    ),
    "cli.init.github_token": (
        "Give harness a fine-grained token for this one repository: set {variable}, or name a "
        "file of your own with forge.token_file. Its repository permissions:",
        "이 저장소 하나만을 위한 세분화된 토큰을 주세요. {variable}을(를) 설정하거나 본인만 읽을 수 있는 "
        "파일을 forge.token_file로 지정합니다. 저장소 권한:",
    ),
    "cli.init.github_app": (
        "Install the App {app} on this one repository and put its private key into {file} "
        "(chmod 600). Its repository permissions:",
        "앱 {app}을(를) 이 저장소에만 설치하고 개인 키를 {file}에 두세요(chmod 600). 저장소 권한:",
    ),
    "cli.init.permission": ("Permission", "권한"),
    "cli.init.permission_needed": ("Needed", "필요"),
    "cli.init.permission_use": ("What for", "용도"),
    "cli.init.needed": ("yes", "예"),
    "cli.init.not_needed": ("better with", "있으면 좋음"),
    "cli.init.github_next": (
        "Next: `harness doctor` proves each permission; then put the label `{label}` on an issue "
        "and `harness run`. docs/github.md tells the rest.",
        "다음: `harness doctor`가 권한을 하나씩 확인합니다. 그다음 이슈에 `{label}` 레이블을 달고 "
        "`harness run`을 실행하세요. 자세한 내용은 docs/github.md에 있습니다.",
    ),
    "cli.init.pushed": (
        "Branch {branch} was pushed to the new remote `harness`.",
        "{branch} 브랜치를 원격 `harness`에 올렸습니다.",
    ),
    "cli.init.same": (
        "Branch {branch} is on the remote `harness` already.",
        "{branch} 브랜치는 원격 `harness`에 이미 있습니다.",
    ),
    "cli.init.behind": (
        "The remote `harness` has commits on {branch} that you don't: `harness pull` brings them.",
        "원격 `harness`의 {branch}에 아직 없는 커밋이 있습니다. `harness pull`로 가져오세요.",
    ),
    "cli.init.test": ("Tests: {command}", "테스트: {command}"),
    "cli.init.no_test": (
        "No test command was found. Without one a merge needs a person; write [test] "
        'command = "..." into {file}.',
        "테스트 명령을 찾지 못했습니다. 없으면 병합에 사람이 필요합니다. {file}에 [test] "
        'command = "..."를 적으세요.',
    ),
    "cli.init.setup": ("Set-up: {command}", "준비: {command}"),
    "cli.init.network": (
        "The set-up may reach no host. If it must download packages, list their hosts in {file}: "
        '[environment] allow = ["pypi.org", "files.pythonhosted.org", "registry.npmjs.org"].',
        "준비 과정에서는 어떤 호스트에도 접속할 수 없습니다. 패키지를 내려받아야 하면 {file}에 호스트를 "
        '적으세요: [environment] allow = ["pypi.org", "files.pythonhosted.org", '
        '"registry.npmjs.org"].',
    ),
    "cli.init.submodules": (
        "Note: the repository has submodules; harness leaves them empty.",
        "참고: 서브모듈이 있습니다. harness는 그 내용을 받지 않습니다.",
    ),
    "cli.init.dirty": (
        "Note: you have uncommitted changes; harness works from commits and leaves your "
        "files alone.",
        "참고: 커밋하지 않은 변경이 있습니다. harness는 커밋만 보고 내 파일은 건드리지 않습니다.",
    ),
    "cli.init.next": (
        'Next: `harness doctor`, then `harness issue new "TITLE"` and `harness run --once`.',
        '다음: `harness doctor`, 그다음 `harness issue new "제목"`, `harness run --once`.',
    ),
    "cli.init.no_branch": (
        "There is no branch {branch} with a commit.",
        "커밋이 있는 {branch} 브랜치가 없습니다.",
    ),
    "cli.init.remote_taken": (
        "The remote `{remote}` points to {present}, not to {wanted}. Rename it: git remote "
        "rename {remote} other",
        "원격 `{remote}`은(는) {wanted}이(가) 아니라 {present}을(를) 가리킵니다. 이름을 "
        "바꾸세요: git remote rename {remote} other",
    ),
    "cli.init.odd_path": (
        "The folder's path is not UTF-8 text, which the settings cannot hold. Move the repository.",
        "폴더 경로가 UTF-8이 아니어서 설정에 적을 수 없습니다. 저장소를 옮기세요.",
    ),
    "cli.init.bad_name": (
        "{name} cannot name a project: lower-case letters, digits and hyphens only, such "
        "as {near}.",
        "{name}은(는) 프로젝트 이름으로 쓸 수 없습니다. {near}처럼 영문 소문자, 숫자, "
        "하이픈만 됩니다.",
    ),
    "cli.init.named_already": (
        "This repository is registered as {project}.",
        "이 저장소는 {project}(으)로 등록되어 있습니다.",
    ),
    "cli.init.name_taken": (
        "The name {project} belongs to {path}. Choose another with --name.",
        "{project} 이름은 {path}에서 쓰고 있습니다. --name으로 다른 이름을 고르세요.",
    ),
    "cli.doctor.python": ("Python", "Python"),
    "cli.doctor.git": ("git", "git"),
    "cli.doctor.state": ("State folder", "상태 폴더"),
    "cli.doctor.disk": ("Free disk space", "남은 디스크 공간"),
    "cli.doctor.settings": ("Settings", "설정"),
    "cli.doctor.ok": ("ok    {name}{detail}", "정상  {name}{detail}"),
    "cli.doctor.warn": ("warn  {name}{detail}", "주의  {name}{detail}"),
    "cli.doctor.fail": ("FAIL  {name}{detail}", "실패  {name}{detail}"),
    "cli.doctor.fix": ("      {fix}", "      {fix}"),
    "cli.doctor.fine": ("Everything needed is there.", "필요한 것이 모두 있습니다."),
    "cli.doctor.broken": (
        "Needed and missing: {count}.",
        "필요한 것 {count}개가 없습니다.",
    ),
    "cli.doctor.python_fix": (
        "harness needs Python 3.11 or newer.",
        "Python 3.11 이상이 필요합니다.",
    ),
    "cli.doctor.state_fix": (
        "{folder} cannot be used: {why}. Make it writable, or choose another by --state-dir.",
        "{folder} 폴더를 쓸 수 없습니다: {why}. 쓸 수 있게 하거나 --state-dir로 다른 곳을 "
        "고르세요.",
    ),
    "cli.doctor.state_open": (
        "Others can read {folder}. Run: chmod 700 {folder}",
        "다른 사람이 {folder}을(를) 읽을 수 있습니다. 실행하세요: chmod 700 {folder}",
    ),
    "cli.doctor.disk_fix": (
        "Little space is left at {folder}; {good} GiB are good to have.",
        "{folder}에 남은 공간이 적습니다. {good} GiB는 있는 것이 좋습니다.",
    ),
    "cli.usage.whole": ("a whole number is wanted, not {got}", "정수가 필요한데 {got}입니다"),
    "cli.usage.least": (
        "at least {least} is wanted, not {got}",
        "{least} 이상이어야 하는데 {got}입니다",
    ),
    "cli.opt.help": ("Show this help.", "이 도움말을 보여 줍니다."),
    "cli.state.ready": ("ready", "준비됨"),
    "cli.run_ready": (
        "Nothing is running: `harness run` goes on with it.",
        "실행 중인 것이 없습니다. `harness run`이 이어서 합니다.",
    ),
}

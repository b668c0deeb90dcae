"""Catalogue: agent."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "agent.prompts_missing": (
        "The prompts are missing: nothing at {path}. Reinstall harness or run it from a checkout.",
        "프롬프트 파일이 없습니다: {path}에 아무것도 없습니다. harness를 다시 설치하거나 "
        "체크아웃에서 실행하세요.",
    ),
    "agent.turns_used": (
        "The agent used all {limit} turns of its session.",
        "에이전트가 세션에 허용된 {limit}턴을 모두 썼습니다.",
    ),
    "agent.calls_used": (
        "The agent made {limit} tool calls, the limit of its session.",
        "에이전트가 세션 한도인 도구 호출 {limit}회를 모두 썼습니다.",
    ),
    "agent.time_used": (
        "The agent worked for {limit} seconds, the limit of its session.",
        "에이전트가 세션 한도인 {limit}초를 모두 썼습니다.",
    ),
    "agent.no_verdict": (
        "The agent stopped calling tools and gave no verdict, {times} times in a row.",
        "에이전트가 도구 호출도 판정도 없이 {times}번 연달아 답했습니다.",
    ),
    "agent.repeats": (
        "The agent made the same call with the same result {times} times in a row: {what}",
        "에이전트가 같은 호출을 {times}번 연달아 반복했고 결과도 같았습니다: {what}",
    ),
    "agent.ping_pong": (
        "The agent went back and forth between the same two steps {times} times: {what}",
        "에이전트가 같은 두 단계를 {times}번 오갔습니다: {what}",
    ),
    "agent.same_error": (
        "The agent ran into the same error {times} times in a row: {what}",
        "에이전트가 같은 오류를 {times}번 연달아 만났습니다: {what}",
    ),
    "agent.fails": (
        "The agent made the same call {times} times in a row and it failed each time: {what}",
        "에이전트가 같은 호출을 {times}번 연달아 했고 매번 실패했습니다: {what}",
    ),
    "agent.busy": (
        "For {times} turns the agent only repeated calls it had made before, and no file changed. "
        "The last one: {what}",
        "에이전트가 {times}턴 동안 이미 했던 호출만 되풀이했고 바뀐 파일이 없습니다. 마지막 호출: "
        "{what}",
    ),
    "agent.refused": (
        "The model refused to answer.",
        "모델이 답변을 거부했습니다.",
    ),
    "agent.context_full": (
        "The conversation no longer fits the model's context. A fresh session is needed.",
        "대화가 모델의 컨텍스트에 더는 들어가지 않습니다. 새 세션이 필요합니다.",
    ),
    "agent.unknown_tool": (
        "The session names a tool that this version does not have: {name}",
        "세션이 이 버전에 없는 도구를 요구합니다: {name}",
    ),
    "agent.unknown_session": (
        "No such session: {session}",
        "그런 세션이 없습니다: {session}",
    ),
    "agent.ask_call": (
        "The agent wants to use {tool}: {what}. The rule {rule} asks a person first. Approve, or "
        "reject and it finds another way.",
        "에이전트가 {tool}을(를) 쓰려 합니다: {what}. 규칙 {rule}에 따라 사람의 승인이 먼저 "
        "필요합니다. 승인하거나, 거절하면 에이전트가 다른 방법을 찾습니다.",
    ),
    "agent.hook_stop": (
        "A hook ended the session: {why}",
        "훅이 세션을 끝냈습니다: {why}",
    ),
}

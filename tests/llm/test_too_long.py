"""A request that is too large, in the words that vendors and servers were seen to use."""

from __future__ import annotations

import pytest

from harness.llm.too_long import Size, is_over_rate, is_too_long, most_output, room_left, size_in

TOO_LONG: dict[str, tuple[int, str, tuple[int, int]]] = {
    # vendor: (status, its words, (the limit it names, what was asked for))
    "openai": (
        400,
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens "
        "(8000 in the messages, 1000 in the completion). Please reduce the length of the messages.",
        (8192, 9000),
    ),
    "openai, responses": (400, "Your input exceeds the context window of this model.", (0, 0)),
    "openai, configured": (
        400,
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
        "509178 tokens. Please reduce the length of the messages.",
        (272000, 509178),
    ),
    "openai, old": (
        400,
        "This model's maximum context length is 4097 tokens, however you requested 4238 tokens "
        "(4238 in your prompt; 0 for the completion).",
        (4097, 4238),
    ),
    "openai, one text": (
        400,
        "Invalid 'messages[1].content': string too long. Expected a string with maximum length "
        "10485760, but got a string with length 10500000 instead.",
        (10485760, 10500000),
    ),
    "azure": (
        400,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in "
        "131072 tokens.",
        (128000, 131072),
    ),
    "anthropic": (400, "prompt is too long: 213462 tokens > 200000 maximum", (200000, 213462)),
    "anthropic, with the reply": (
        400,
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 204698, decrease "
        "input length or `max_tokens` and try again",
        (204698, 0),
    ),
    "anthropic, bytes": (413, "Request exceeds the maximum size", (0, 0)),
    "bedrock": (400, "Input is too long for requested model.", (0, 0)),
    "bedrock, payload": (400, "The request payload size has exceed context limit.", (0, 0)),
    "gemini": (
        400,
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
        (1048575, 1196265),
    ),
    "vertex": (
        400,
        "Unable to submit request because the input token count is 1200000 but model only "
        "supports up to 1048576. Reduce the input token count and try again.",
        (1048576, 1200000),
    ),
    "xai": (
        400,
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        (131072, 537812),
    ),
    "mistral": (
        400,
        "Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum "
        "context length",
        (32768, 65673),
    ),
    "groq": (400, "Please reduce the length of the messages or completion.", (0, 0)),
    "cerebras": (
        400,
        "Please reduce the length of the messages or completion. Current length is 9010 while "
        "limit is 8192",
        (8192, 9010),
    ),
    "openrouter": (
        400,
        "This endpoint's maximum context length is 128000 tokens. However, you requested about "
        "140000 tokens (120000 of text input, 20000 in the output).",
        (128000, 140000),
    ),
    "vllm": (
        400,
        "The decoder prompt (length 163840) is longer than the maximum model length of 131072. "
        "Make sure that `max_model_len` is no smaller than the number of text tokens.",
        (131072, 163840),
    ),
    "vllm, new": (
        400,
        "This model's maximum context length is 262144 tokens. However, you requested 128000 "
        "output tokens and your prompt contains at least 134145 input tokens, for a total of "
        "at least 262145 tokens.",
        (262144, 262145),
    ),
    "vllm, newer": (
        400,
        "You passed 10000 input tokens and requested 100 output tokens. However, the model's "
        "context length is only 8192 tokens",
        (8192, 10000),
    ),
    "llama.cpp": (
        400,
        "request (13392 tokens) exceeds the available context size (8192 tokens), try "
        "increasing it",
        (8192, 13392),
    ),
    "llama.cpp, old": (
        400,
        "the request exceeds the available context size. try increasing the context size or "
        "enable context shift",
        (0, 0),
    ),
    "llama.cpp, physical": (
        500,
        "input is too large to process. increase the physical batch size",
        (0, 0),
    ),
    "ollama": (400, "prompt too long; exceeded max context length by 512 tokens", (0, 0)),
    "ollama, other": (400, "the input length exceeds the context length", (0, 0)),
    "lm studio": (
        400,
        "The number of tokens to keep from the initial prompt is greater than the context length "
        "(n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length.",
        (4096, 13055),
    ),
    "lm studio, old": (
        400,
        "Trying to keep the first 10136 tokens when context the overflows. However, the model is "
        "loaded with context length of only 7866 tokens, which is not enough.",
        (7866, 10136),
    ),
    "together": (
        400,
        "The input (516368 tokens) is longer than the model's context length (262144 tokens).",
        (262144, 516368),
    ),
    "together, tgi": (
        422,
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3474 "
        "`inputs` tokens and 60 `max_new_tokens`",
        (2048, 3474),
    ),
    "tgi": (
        422,
        "Input validation error: `inputs` must have less than 1024 tokens. Given: 1168",
        (1024, 1168),
    ),
    "fireworks": (
        400,
        "The prompt is too long: 140000, model maximum context length: 131071",
        (131071, 140000),
    ),
    "deepseek": (
        400,
        "This model's maximum context length is 131072 tokens. However, you requested 133034 "
        "tokens (125034 in the messages, 8000 in the completion).",
        (131072, 133034),
    ),
    "cohere": (
        400,
        "too many tokens: total number of tokens (prompt and prediction) cannot exceed 2048 - "
        "received 6354. Try using a shorter prompt or a smaller max_tokens value.",
        (2048, 6354),
    ),
    "sglang": (
        400,
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You "
        "requested a total of 5000 tokens: 4500 tokens from the input messages.",
        (4096, 4500),
    ),
    "sglang, other": (
        400,
        "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).",
        (59862, 160062),
    ),
    "litellm": (
        400,
        "litellm.ContextWindowExceededError: litellm.BadRequestError: prompt is too long: "
        "209353 tokens > 199999 maximum",
        (199999, 209353),
    ),
    "github models": (
        413,
        "Request body too large for gpt-4o model. Max size: 8000 tokens.",
        (8000, 0),
    ),
    "copilot": (
        400,
        "prompt token count of 200000 exceeds the limit of 128000",
        (128000, 200000),
    ),
    "moonshot": (400, "Input token length too long", (0, 0)),
    "moonshot, other": (
        400,
        "Your request exceeded model token limit : 262144 (requested: 280000)",
        (262144, 280000),
    ),
    "dashscope": (
        400,
        "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 204800]",
        (204800, 0),
    ),
    "z.ai": (400, "Prompt exceeds max length", (0, 0)),
    "zhipu": (400, "Prompt 超长", (0, 0)),
    "volcengine": (
        400,
        "Input length 203743 exceeds the maximum length 202752",
        (202752, 203743),
    ),
    "minimax": (400, "invalid params, context window exceeds limit (2013)", (0, 0)),
    "cloudflare": (
        413,
        "AiError: The estimated number of input and maximum output tokens (35000) exceeded this "
        "model context window limit (24000)",
        (24000, 35000),
    ),
    "mlx": (400, "Prompt exceeds maximum context length", (0, 0)),
    "baichuan": (400, "输入长度超过最大长度", (0, 0)),
}
OTHERS = (
    "",
    "Bad Request",
    "Invalid 'messages[3].tool_calls[0].id': string too long. Expected a string with maximum "
    "length 40, but got a string with length 45 instead.",
    "Context window too small: minimum is 1000 tokens",
    "max_tokens is too large: 32768. This model supports at most 16384 completion tokens.",
    "max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens",
    "temperature must be less than or equal to 2",
    "image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes",
    "The model `gpt-9` does not exist",
    "Unrecognized request argument supplied: stream_options",
    "tools.0.custom.name: String should have at most 128 characters",
)


@pytest.mark.parametrize("vendor", TOO_LONG)
def test_a_vendors_words_for_too_long_are_known_and_their_size_is_read(vendor: str) -> None:
    status, words, (limit, asked) = TOO_LONG[vendor]
    assert status == 413 or is_too_long(words)
    size = size_in(words)
    assert size.limit == limit
    assert bool(size.asked) == bool(asked)
    assert not asked or limit < size.asked


def test_sizes_that_stand_in_fields_go_before_those_of_the_sentence() -> None:
    words = '{"error":{"code":1261,"message":"it exceeds","n_prompt_tokens":13392,"n_ctx":8192}}'
    assert size_in("it exceeds", words) == Size(limit=8192, asked=13392)
    assert size_in("Prompt exceeds max length", '{"message":"...","code":"1261"}') == Size()


@pytest.mark.parametrize("words", OTHERS)
def test_other_complaints_are_not_taken_for_it(words: str) -> None:
    assert not is_too_long(words) or most_output(words)
    assert not is_over_rate(words)


@pytest.mark.parametrize(
    ("words", "never"),
    [
        (
            "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit "
            "30000, Requested 132819. The input or output tokens must be reduced in order to run.",
            True,
        ),
        (
            "Request too large for model `llama-3.1-8b-instant` on tokens per minute (TPM): Limit "
            "6000, Requested 6294, please reduce your message size and try again.",
            True,
        ),
        ("Request too large on tokens per minute, the prompt must be reduced", True),
        (
            "Rate limit reached for model on tokens per minute (TPM): Limit 6000, Used 5034, "
            "Requested 1443. Please try again in 4.77s.",
            False,
        ),
        (
            "Rate limit reached on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. "
            "Please try again in 9m38.016s.",
            False,
        ),
        ("Request too large on tokens per day (TPD): Limit 100,000, Requested 200,000", True),
        ("This request would exceed your rate limit of 30,000 input tokens per minute.", False),
        ("Too many tokens, please wait before trying again.", False),
    ],
)
def test_a_request_that_no_wait_makes_fit_is_told_from_one_that_must_wait(
    words: str, never: bool
) -> None:
    assert is_over_rate(words) is never


@pytest.mark.parametrize(
    ("words", "most"),
    [
        (
            "max_tokens is too large: 32768. This model supports at most 16384 completion tokens, "
            "whereas you provided 32768.",
            16384,
        ),
        ("max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens", 32000),
        ("max_tokens (10000) cannot exceed 8192. Please reduce the length of max output.", 8192),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192),
        ("Exceeding the limiting length: [max_tokens should be less or equal to 131072]", 131072),
        ("`max_new_tokens` must be <= 1920. Given: 4000", 1920),
        ("`max_tokens` must be less than or equal to `8192`, the maximum value", 8192),
        ("max_tokens must be a positive number", 0),
        ("prompt is too long: 213462 tokens > 200000 maximum", 0),
    ],
)
def test_a_limit_of_the_reply_is_read(words: str, most: int) -> None:
    assert most_output(words) == most


def test_the_room_that_is_left_for_the_reply_is_read() -> None:
    words = (
        "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context "
        "length is 8192 tokens and your request has 3000 input tokens (8192 > 8192 - 3000)."
    )
    assert room_left(words) == 5192
    assert room_left("prompt is too long: 213462 tokens > 200000 maximum") == 0

"""Reasoning, channels and tool calls are left out; a sentence that mentions their tags is not
cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_local.stages.llm.thinking import without_thinking
from voice_local.stages.llm.thinking_tags import opened_by

pytestmark = pytest.mark.unit
SAID = "It is noon."

BLOCKS = [
    f"<think>secret</think>{SAID}",
    f"<think>\n\n</think>\n\n{SAID}",
    f"<thinking>secret</thinking>{SAID}",
    f"<reasoning>a < b, c > d\nmaybe</reasoning>\n{SAID}",
    f"<reflection>secret</reflection> {SAID}",
    f"<thought>secret</thought>{SAID}",
    f"<THINK>secret</THINK>{SAID}",
    f'<Think time="3">secret</Think>{SAID}',
    f"<think>a</think>\n<reflection>b</reflection>\n{SAID}",
    f"[THINK]secret[/THINK]{SAID}",
    f"[reasoning]secret[/reasoning]\n{SAID}",
    f"<think>a <think>b</think> c</think>{SAID}",
    f"<think>\n<think>\nsecret</think>\n{SAID}",
    f"<scratchpad>\nsecret\n</scratchpad>\n{SAID}",
    f"<seed:think>secret</seed:think>{SAID}",
    f"◁think▷secret◁/think▷{SAID}",
    f"<|begin_of_thought|>secret<|end_of_thought|><|begin_of_solution|>{SAID}<|end_of_solution|>",
    f"<|channel|>analysis<|message|>secret<|end|><|start|>assistant<|channel|>final<|message|"
    f">{SAID}<|return|>",
    f"<|channel|>analysis<|message|>secret<|channel|>final<|message|>{SAID}",
    f"<|start|>assistant<|channel|>final<|message|>{SAID}",
    f"<|channel>thought\nsecret<channel|>{SAID}",
    f"<unused94>thought\nsecret<unused95>{SAID}",
    f"{SAID}<|im_end|>",
    f"<|im_start|>assistant\n{SAID}",
    f'<tool_call>{{"name": "time"}}</tool_call>{SAID}',
    f'<tool_call>\n{{"name": "time"}}\n</tool_call>\n{SAID}',
    f"<function=time>{{}}</function>{SAID}",
    f'<function_call name="time">secret</function_call>{SAID}',
    f'<invoke name="time"><parameter>secret</parameter></invoke>{SAID}',
    f'```json\n{{"name": "time", "arguments": {{}}}}\n```\n{SAID}',
    f"```tool_code\nsecret()\n```\n{SAID}",
    f'{{"name": "time", "arguments": {{"a": "}}"}}}}\n{SAID}',
    f"<｜tool▁calls▁begin｜>secret<｜tool▁calls▁end｜>{SAID}",
    f"<answer>{SAID}</answer>",
    f"analysisThe user asks.assistantfinal{SAID}",
    f"<think>the tag </think> ends it. So I say noon.</think>{SAID}",
]
NOTHING = [
    "<think>never ends",
    "<thinking>\nnever\nends",
    '<tool_call>{"name": "time"}</tool_call>',
    '<tool_call>{"name": "ti',
    '[TOOL_CALLS][{"name": "time", "arguments": {}}]',
    "[TOOL_CALLS]time[ARGS]{}",
    '<|python_tag|>{"name": "time"}',
    '{"name": "time", "parameters": {}}',
    '[{"name": "time", "arguments": {}}]',
    '```json\n{"name": "time"}\n```',
    '<|channel|>commentary to=functions.time <|constrain|>json<|message|>{"a": 1}<|call|>',
    "<|channel|>analysis<|message|>never ends",
    "<think>secret</think>",
    "[THINK]never ends",
    "<function=time>{",
]
UNTOUCHED = [
    "The <think> tag marks reasoning.",
    "Use <think> and </think> to mark it.",
    "The </think> tag closes it.",
    'A `<think>` block is dropped, "[THINK]" too.',
    "Models write (<reasoning>) first.",
    "Wrap it in <tool_call> tags, please.",
    "Use [1] and {x}, if a < b.",
    "I think so. Reasoning helps.",
    "A list [like this] is fine, and <b>bold</b>.",
    'Say {"a": 1} in JSON.',
    "```python\nprint(1)\n```\nDone.",
    "1 < 2 <thin>",
    "Is it [THIS] one?",
    "",
    "`",
    "<",
    "a [",
    "The final answer is 5.",
    "analysis helps.",
    "an",
    "He said: <think> is a tag name.",
]


def _cut(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
@pytest.mark.parametrize("text", BLOCKS)
def test_blocks_are_not_said(text: str, size: int) -> None:
    assert "".join(without_thinking(_cut(text, size))) == SAID
    assert "".join(without_thinking(_cut(text, size), hold=False)) == SAID or "</think>" in text


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
@pytest.mark.parametrize("text", NOTHING)
def test_what_does_not_end_is_dropped_to_the_end(text: str, size: int) -> None:
    assert "".join(without_thinking(_cut(text, size))) == ""
    assert "".join(without_thinking(_cut(f"Yes. {text}", size))).strip() == "Yes."
    assert "".join(without_thinking(_cut(f"Yes,\n{text}", size))).strip() == "Yes,"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
@pytest.mark.parametrize("text", UNTOUCHED)
def test_a_mention_is_not_cut(text: str, size: int) -> None:
    assert "".join(without_thinking(_cut(text, size))) == text
    assert "".join(without_thinking(_cut(text, size), hold=False)) == text


@pytest.mark.parametrize(
    "text",
    [
        f"The user asks the time.</think>{SAID}",
        f"The user asks\nthe time.\n</think>\n\n{SAID}",
        f"so noon</thinking>{SAID}",
        f"The user asks. I answer, briefly. [/THINK] {SAID}",
        f"secret </reasoning>\n{SAID}",
        f"</think>{SAID}",
    ],
)
def test_what_the_template_opened(text: str) -> None:
    assert "".join(without_thinking([text])) == SAID
    closes = opened_by("<|im_start|>assistant\n<think>\n")
    for size in (1, 2, 3, 7):
        if "think>" in text:
            assert (
                "".join(without_thinking(_cut(text.replace("thinking", "think"), size), closes))
                == SAID
            )


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_short_beginning_is_held_until_its_clause_ends(size: int) -> None:
    text = f"The user asks the time.</think>{SAID} It is late."
    assert "".join(without_thinking(_cut(text, size))) == f"{SAID} It is late."
    given = list(without_thinking(_cut("It is noon. Really. And so on.", size)))
    assert given[0].strip().startswith("It is noon."), "no longer than that"


def test_nothing_waits_where_no_reasoning_is_known() -> None:
    assert list(without_thinking(["It", " is", " noon."], hold=False)) == ["It", " is", " noon."]


@pytest.mark.parametrize(
    ("prompt", "opened"),
    [
        ("<|im_start|>assistant\n<think>\n", True),
        ("<|assistant|><think>", True),
        ("[INST]x[/INST][THINK]", True),
        ("<|im_start|>assistant\n<reasoning>", True),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", False),
        ("<|im_start|>assistant\n", False),
        ("What is <think>?<|im_end|>\n<|im_start|>assistant\n", False),
        ("", False),
    ],
)
def test_a_prompt_that_ends_in_an_open_tag(prompt: str, opened: bool) -> None:
    assert (opened_by(prompt) is not None) is opened


@pytest.mark.parametrize("size", [1, 3, 500])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes.<think>x</think>It is.", "Yes. It is."),
        ("Yes. <think>x</think>\n\nIt is.", "Yes. It is."),
        ("Yes\n<think>x</think>it is.", "Yes\nit is."),
        ("Yes.<|im_end|>", "Yes."),
        ("Let<think>x</think> me.", "Let me."),
    ],
)
def test_sentences_around_a_block_stay_apart(text: str, said: str, size: int) -> None:
    assert "".join(without_thinking(_cut(text, size))) == said


def test_blanks_at_the_beginning_go() -> None:
    assert list(without_thinking(["\n", "\n ", "Hello. ", "Yes."])) == ["Hello. ", "Yes."]


@given(st.text(alphabet='ab <>/[]{}|`\n."', max_size=60), st.integers(1, 9))
def test_text_without_tags_comes_whole(text: str, size: int) -> None:
    kept = "".join(without_thinking(_cut(text, size)))
    assert kept.strip() == text.strip()

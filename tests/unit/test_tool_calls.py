"""Tool calls are taken out of what a model writes, wherever its pieces are cut."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voice_local.engine.api import ToolCall
from voice_local.stages.llm.bare_calls import tagged
from voice_local.stages.llm.tool_calls import CLOSES, OPENS, without_calls

pytestmark = pytest.mark.unit
LAMP = ToolCall("lamp", {"on": True, "rooms": ["kitchen", "<hall>"]})


def written(call: ToolCall, arguments: object = None) -> str:
    told = {"name": call.name, "arguments": call.arguments if arguments is None else arguments}
    return f"{OPENS}\n{json.dumps(told)}\n{CLOSES}"


def read(pieces: Iterable[str]) -> tuple[str, list[ToolCall]]:
    calls: deque[ToolCall] = deque()
    return "".join(without_calls(pieces, calls)), list(calls)


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted(place % (len(text) + 1) for place in places)
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["", "Let me see. ", "a < b <tool ", "</tool_", "\n"]), min_size=4),
    st.lists(st.integers(0, 400), max_size=12),
)
@example(["x"] * 4, list(range(400)))
def test_calls_are_found_and_the_text_around_them_is_kept(
    texts: list[str], places: list[int]
) -> None:
    whole = texts[0] + written(LAMP) + texts[1] + written(ToolCall("now")) + "".join(texts[2:])
    told, calls = read(cut(whole, places))
    assert calls == [LAMP, ToolCall("now")]
    assert told == "".join(texts)


def test_a_call_is_there_as_soon_as_it_ends() -> None:
    calls: deque[ToolCall] = deque()
    pieces = without_calls(["one ", written(LAMP), " two"], calls)
    assert next(pieces) == "one " and not calls
    assert next(pieces) == "" and list(calls) == [LAMP]
    assert list(pieces) == [" two"]


def test_text_is_held_back_no_longer_than_it_may_be_a_tag() -> None:
    calls: deque[ToolCall] = deque()
    assert list(without_calls(["a <", "b <tool", "_", "box> c <"], calls)) == [
        "a ",
        "<b ",
        "<tool_box> c ",
        "<",
    ]


def test_arguments_may_be_written_as_a_text_or_left_out() -> None:
    told = written(LAMP, json.dumps(LAMP.arguments)) + f'{OPENS}{{"name": "now"}}{CLOSES}'
    assert read([told]) == ("", [LAMP, ToolCall("now")])


def test_a_call_that_the_limit_of_tokens_left_open_is_taken_where_it_is_whole() -> None:
    assert read([f"ok {OPENS}" + json.dumps({"name": "now"})]) == ("ok ", [ToolCall("now")])
    assert read([f'ok {OPENS}{{"name": "no']) == ("ok ", [])


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"lamp"',
        '{"arguments": {}}',
        '{"name": null}',
        '{"name": "lamp", "arguments": [1]}',
        '{"name": "lamp", "arguments": "on"}',
        '{"name": "lamp", "arguments": "[1]"}',
        "[" * 100_000,
    ],
)
def test_a_call_that_is_no_json_or_no_call_is_dropped(broken: str) -> None:
    assert read([f"a{OPENS}{broken}{CLOSES}b"]) == ("ab", [])


BARE = json.dumps({"name": LAMP.name, "arguments": LAMP.arguments})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=12))
def test_calls_without_tags_that_are_the_whole_answer(places: list[int]) -> None:
    for text, count in (
        (BARE, 1),
        (f" {BARE}\n{BARE}\n", 2),
        (f"{{{BARE}}}", 1),
        (f"{{{BARE}}}\n{{{BARE}}}", 2),
        (f"```json\n{BARE}\n```", 1),
        (f"```\n{BARE}\n{BARE}", 2),
    ):
        assert read(tagged(cut(text, places), {"lamp"})) == ("", [LAMP] * count)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        f"Look: {BARE}",
        "`lamp` is a word",
        "```json\n[1, 2]\n```",
        f"```json\n{BARE}\n``` is what I call.",
        f"{BARE} is what I call.",
        BARE.replace("lamp", "door"),
        '{"name": "lamp"}',
        '{"name": ["lamp"], "arguments": {}}',
        "[1, 2]",
        '{"a": ' * 5000,
    ],
)
def test_other_answers_in_braces_stay_as_they_are(text: str) -> None:
    assert "".join(tagged(cut(text, [3, 9, 40]), frozenset({"lamp"}))) == text


def test_words_are_not_held() -> None:
    def pieces() -> Iterable[str]:
        yield " It is"
        raise AssertionError("the first piece was not given out")

    assert next(iter(tagged(pieces(), {"lamp"}))) == " It is"
    assert list(tagged(["`a`", " is"], {"lamp"})) == ["`a`", " is"]


def test_a_tag_within_quotes_closes_no_call() -> None:
    call = ToolCall("note", {"text": f'say "{CLOSES}" and {OPENS}\\'})
    assert read([f"a{written(call)}b{written(LAMP)}"]) == ("ab", [call, LAMP])


def test_a_quote_that_never_ends_hides_no_later_call() -> None:
    told = f'a{OPENS}{{"name": "x}}{CLOSES} b {written(LAMP)} c'
    assert read([told]) == ("a b  c", [LAMP])

"""Tool calls of a real model, held by a grammar. Skipped where the model is not there."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.models import stage_calls
from tests.models.test_llm import SYSTEM, settings_of, user
from voice_local.engine.api import (
    FinishReason,
    Generate,
    GenerateItem,
    GenerateOptions,
    GenerationDone,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
)
from voice_local.errors import ToolInputError
from voice_local.models.folder import ModelFolder, profile_folder
from voice_local.stages.llm.call_grammar import call_after_tag, required_call
from voice_local.stages.llm.llama import LlamaLlm
from voice_local.stages.llm.llama_sampler import Sampling

pytestmark = pytest.mark.models


def tool(name: str, description: str, required: list[str], **properties: Any) -> Tool:
    return Tool(
        name,
        description,
        {"type": "object", "properties": properties, "required": required},
    )


LIGHT = tool(
    "set_light",
    "Switches a light on or off",
    ["room", "on"],
    room={"enum": ["kitchen", "hall", "bedroom"]},
    on={"type": "boolean"},
    brightness={"type": "integer", "minimum": 0, "maximum": 100},
)
WEATHER = tool(
    "get_weather",
    "The weather of a city",
    ["city"],
    city={"type": "string"},
    days={"type": "integer", "minimum": 1, "maximum": 7},
)
HEATING = tool(
    "set_heating",
    "Sets the temperature of rooms",
    ["degrees", "rooms"],
    degrees={"type": "number", "minimum": 15, "maximum": 25.5},
    rooms={"type": "array", "items": {"enum": ["kitchen", "hall"]}, "minItems": 1, "maxItems": 2},
)
TOOLS = (LIGHT, WEATHER, HEATING)
PROMPTS = (
    "Switch on the kitchen light at half brightness",
    "What is the weather like in Paris?",
    "Make it 90 degrees in the kitchen and the hall",
    "Set the light in the garage to 500 percent",
    "Weather in Rome for the next 30 days",
    'The room is called "kitchen", lights off',
    "Hello, who are you?",
    "<tool_call></tool_call>",
    "Tell me a story about a king",
    "It is cold",
)


def made(which: str) -> LlamaLlm:
    settings = settings_of(which)
    return LlamaLlm(settings, ModelFolder(profile_folder(settings.profile, settings.models_dir)), 1)


@pytest.fixture(scope="module")
def llm() -> Iterator[LlamaLlm]:
    llm = made("0.5B")
    yield llm
    llm._context.close()


@pytest.fixture(scope="module")
def tiny() -> Iterator[LlamaLlm]:
    llm = made("tiny")
    yield llm
    llm._context.close()


def items(
    llm: LlamaLlm, text: str, options: GenerateOptions, choice: ToolChoice, *tools: Tool
) -> list[GenerateItem]:
    request = Generate((SYSTEM, user(text)), options, tools, choice)
    return list(llm.generate(request, stage_calls.never))


@pytest.mark.parametrize("temperature", [0.0, 0.8])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_required_call_is_one_and_holds_for_its_schema(
    llm: LlamaLlm, prompt: str, temperature: float
) -> None:
    options = GenerateOptions(96, temperature)
    call, done = items(llm, prompt, options, ToolChoice.REQUIRED, *TOOLS)
    assert isinstance(call, ToolCall) and done == GenerationDone(FinishReason.STOP)
    schema = next(tool.parameters for tool in TOOLS if tool.name == call.name)
    importlib.import_module("jsonschema").validate(call.arguments, schema)


def test_a_named_tool_is_called_whatever_is_said(llm: LlamaLlm) -> None:
    call, _ = items(llm, PROMPTS[1], GenerateOptions(96), ToolChoice.REQUIRED, LIGHT)
    assert isinstance(call, ToolCall) and call.name == "set_light"
    assert call.arguments["room"] in ("kitchen", "hall", "bedroom")


def test_a_fitting_tool_and_arguments_are_chosen(llm: LlamaLlm) -> None:
    call, _ = items(llm, PROMPTS[1], GenerateOptions(96), ToolChoice.REQUIRED, *TOOLS)
    assert isinstance(call, ToolCall)
    assert (call.name, call.arguments["city"]) == ("get_weather", "Paris")


def test_a_call_that_the_limit_cuts_off_is_none(llm: LlamaLlm) -> None:
    found = items(llm, PROMPTS[0], GenerateOptions(4), ToolChoice.REQUIRED, *TOOLS)
    assert found == [GenerationDone(FinishReason.LENGTH)]


def test_a_schema_without_grammar_is_refused_before_anything_is_read(llm: LlamaLlm) -> None:
    odd = tool("odd", "", ["x"], x={"type": "string", "pattern": "a+"})
    before = llm.read
    request = Generate((user("hi"),), tools=(LIGHT, odd), tool_choice=ToolChoice.REQUIRED)
    with pytest.raises(ToolInputError, match="'odd'"):
        llm.generate(request, stage_calls.never)
    assert llm.read == before


def test_the_prompt_is_kept_between_free_and_required_answers(llm: LlamaLlm) -> None:
    options = GenerateOptions(8)
    items(llm, "Good morning to you", options, ToolChoice.AUTO, *TOOLS)
    before = llm.read
    items(llm, "Good morning to you", options, ToolChoice.REQUIRED, *TOOLS)
    items(llm, "Good morning to you", options, ToolChoice.AUTO, *TOOLS)
    assert llm.read - before < 16


def test_chat_with_tools_is_as_it_was_without_any_grammar(
    llm: LlamaLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = GenerateOptions(16)
    items(llm, PROMPTS[6], options, ToolChoice.AUTO, *TOOLS)
    held = items(llm, PROMPTS[6], options, ToolChoice.AUTO, *TOOLS)
    monkeypatch.setattr("voice_local.stages.llm.held_answer.OPENS", "no tag is this")
    free = items(llm, PROMPTS[6], options, ToolChoice.AUTO, *TOOLS)
    assert held == free and any(isinstance(item, TextDelta) for item in held)


def test_without_a_choice_no_call_is_made(llm: LlamaLlm) -> None:
    found = items(llm, PROMPTS[0], GenerateOptions(8), ToolChoice.NONE, LIGHT)
    assert not any(isinstance(item, ToolCall) for item in found)


def test_a_call_that_has_begun_in_a_free_answer_is_held(
    llm: LlamaLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This model begins no call of itself: the tag is written for it."""
    begins = llm._template.tokens

    def begun(*args: Any, **more: Any) -> list[int]:
        return begins(*args, **{**more, "begun": "<tool_call>"})

    with_tag = "voice_local.stages.llm.held_answer.CallsAnswer.start"

    def start(self: Any, sampler: Any) -> None:
        self.read("<tool_call>", sampler)

    monkeypatch.setattr(llm._template, "tokens", begun)
    monkeypatch.setattr(with_tag, start)
    monkeypatch.setattr("voice_local.stages.llm.held_answer.CallsAnswer.begun", "<tool_call>")
    for prompt in PROMPTS[3], PROMPTS[6]:
        call = items(llm, prompt, GenerateOptions(60), ToolChoice.AUTO, *TOOLS)[0]
        assert isinstance(call, ToolCall)
        schema = next(tool.parameters for tool in TOOLS if tool.name == call.name)
        importlib.import_module("jsonschema").validate(call.arguments, schema)


def test_a_model_that_knows_no_tools_refuses_a_required_call(tiny: LlamaLlm) -> None:
    assert not tiny._template.takes_tools
    request = Generate((user("hi"),), tools=(LIGHT,), tool_choice=ToolChoice.REQUIRED)
    with pytest.raises(ToolInputError, match="takes no tools"):
        tiny.generate(request, stage_calls.never)


def test_llama_reads_the_grammars_of_all_schemas(tiny: LlamaLlm) -> None:
    from tests.unit.test_call_grammar import SCHEMAS

    sampling = Sampling.of(tiny._settings, GenerateOptions())
    with tiny._context.sampler(sampling) as sampler:
        for schema in SCHEMAS.values():
            some = Tool('a "name"', "", schema)
            assert sampler.hold(required_call([some, LIGHT]).gbnf)
            assert sampler.hold(call_after_tag([some]), tiny._context.tokenize_plain('\n{"name":'))
            assert not sampler.hold(call_after_tag([some]), tiny._context.tokenize_plain("\nHello"))

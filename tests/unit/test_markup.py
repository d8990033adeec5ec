"""Markup out of answers: whole, and cut anywhere between pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_local.text.markup import (
    MarkupFilter,
    plain_pieces,
    without_markup,
)

pytestmark = pytest.mark.unit

CASES = [
    (
        "**Sure!** Here are *three* things. `code`, [link](https://x.org)",
        "Sure! Here are three things. code, link",
    ),
    ("This is **very** *good* and __so__ _is_ ***that***.", "This is very good and so is that."),
    ("~~old~~ new, about ~5", "old new, about ~5"),
    ("snake_case and 5*3 and 2 * 3 and **5** _6_", "snake_case and 5*3 and 2 * 3 and 5 6"),
    ("# Title\nText", "Title.\nText"),
    ("### Done!\nText", "Done!\nText"),
    ("You are #1, C# and #fun", "You are #1, C# and #fun"),
    ("Buy:\n- milk\n- eggs\n\nBye", "Buy:\nmilk.\neggs.\n\nBye"),
    ("* milk\n+ eggs\n• bread\n  - rye", "milk.\neggs.\nbread.\nrye."),
    ("- [ ] open\n- [x] done", "open.\ndone."),
    ("1. Milk\n2. Eggs\n", "1. Milk.\n2. Eggs.\n"),
    ("-5 degrees\n- 5 apples", "-5 degrees\n5 apples."),
    ("> he said\n> that", "he said\nthat"),
    ("One\n---\nTwo\n* * *\nThree\n___\n", "One\nTwo\nThree\n"),
    ("| a | b |\n|---|:-:|\n| c | d |\nEnd", "a, b.\nc, d.\nEnd"),
    ('[our site](https://x.org "title"), [ref][1] and [our site]', "our site, ref and our site"),
    ("[**bold** link](https://x.org/a_(b))", "bold link"),
    ("See ![a cat](cat.png) here", "See here"),
    ("![a cat](cat.png)\nHere!", "\nHere!"),
    ("It is so [1]. And so [2, 3][^4], too [citation needed].", "It is so. And so, too."),
    ("[1]: https://x.org\nText", "Text"),
    ("Run `ls -l` or ``a`b`` now", "Run ls -l or ab now"),
    ("Here:\n```python\nprint(1)\n# x\n```\nDone.", "Here:\nDone."),
    ("Here: ```print(1)``` done", "Here: done"),
    ("```\ncode", ""),
    ("~~~\na\n~~~\nb", "b"),
    ("````\n```\na\n```\n````\nb", "b"),
    ("```text\nHello there.\n```\nBye", "Hello there.\nBye"),
    ('a <b>bold</b> and<br>next <a href="x">link</a> <think>', "a bold and next link <think>"),
    ("<p>One</p><!-- no --><script>x = 1</script>two", "One two"),
    ("5 < 7 and 8 > 3 <3", "5 < 7 and 8 > 3 <3"),
    ("Mail <a@b.org> or <https://x.org>.", "Mail a@b.org or https://x.org."),
    ("Tom &amp; Jerry &lt;3 &#8364;5 &nbsp;x AT&T", "Tom & Jerry <3 €5 \u00a0x AT&T"),
    ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
    ("Great 👍🏽! Well 👨‍👩‍👧 done ❤️.", "Great! Well done."),
    ("\\*not bold\\* \\# \\_x\\_", "*not bold* # _x_"),
    ("\\(5 \\times 3\\) is \\frac{1}{2} of \\[30\\]", "5 × 3 is 1/2 of 30"),
    ("It is \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}.", "It is (-b ± √(b^2-4ac))/2a."),
    ("\\(e^{i\\pi}\\), x^{n}, 90^\\circ, ^{\\circ}", "e^(iπ), x^n, 90°, °"),
    ("10<sup>3</sup>, 10<sup>th</sup>, x<sup>n</sup>", "10³, 10th, xⁿ"),
    ("So it is.<sup>2</sup> In 2020<sup>1</sup> too.", "So it is. In 2020 too."),
    ("Press * or *. Dial *67 now, press *1* or *OK*", "Press * or *. Dial *67 now, press 1 or OK"),
    ("Rated ★★★★☆ by I ♥ NY ⭐", "Rated ★★★★☆ by I ♥ NY"),
    ("Plain text, with 1.5 & 2: ok? (Yes!)", "Plain text, with 1.5 & 2: ok? (Yes!)"),
    ("Wait... [what", "Wait... what"),
    ("", ""),
]


@pytest.mark.parametrize(("written", "plain"), CASES)
def test_cases_whole_and_in_pieces(written: str, plain: str) -> None:
    assert without_markup(written) == plain
    for size in (1, 2, 3, 5):
        assert _in_pieces([written[i : i + size] for i in range(0, len(written), size)]) == plain


def _in_pieces(pieces: list[str]) -> str:
    filter_ = MarkupFilter()
    return "".join(filter_.feed(piece) for piece in pieces) + filter_.end()


MARKED = st.lists(
    st.sampled_from(
        [
            "word ",
            "a.",
            " ",
            "\n",
            "*",
            "**",
            "_",
            "`",
            "```",
            "```python\n",
            "# ",
            "- ",
            "1. ",
            "> ",
            "|",
            "---",
            "[",
            "]",
            "(",
            ")",
            "![",
            "](x)",
            "[1]",
            "<",
            ">",
            "<b>",
            "</b>",
            "<think>",
            "&",
            "&amp;",
            "&lt;",
            "\\",
            "\\(",
            "\\frac{1}{2}",
            "^",
            "^{n}",
            "\\sqrt{",
            "<sup>2</sup>",
            "press ",
            "👍",
            "~~",
            "5",
            "!",
            "{",
            "}",
        ]
    ),
    max_size=14,
).map("".join)


@settings(deadline=None, max_examples=400)
@given(MARKED, st.data())
def test_where_it_is_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert _in_pieces(pieces) == without_markup(text)


@settings(deadline=None)
@given(st.text(alphabet="abc ,.!?'()", max_size=80))
def test_text_without_markup_stays(text: str) -> None:
    assert without_markup(text).split() == text.split()


def test_text_comes_as_soon_as_it_is_certain() -> None:
    filter_ = MarkupFilter()
    assert [
        filter_.feed(piece) for piece in ("It is", " **here**.", " And", " [so", "](x) on", "!")
    ] == ["It is", " here.", " And", "", " so on", ""]
    assert filter_.end() == "!"


def test_an_answer_in_pieces() -> None:
    async def pieces() -> AsyncIterator[str]:
        for piece in ("**Hel", "lo** th", "ere.\n- a", "\n"):
            yield piece

    async def gathered() -> list[str]:
        return [piece async for piece in plain_pieces(pieces())]

    assert "".join(asyncio.run(gathered())) == "Hello there.\na.\n"

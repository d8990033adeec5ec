"""Which questions the assistant cannot answer without a host program: about accounts, private data,
goods, and what is going on outside."""

from __future__ import annotations

import re

from voice_local.skills.abilities.limits import (
    ACCOUNT,
    GOODS,
    LIVE,
    PRIVATE,
)

_LIVE = (
    r"(?:weather|forecast|temperature(?: outside)?|news|headlines|traffic|pollen count|air quality|"
    r"stock (?:price|market)s?|exchange rate|lottery numbers)"
)
_AWAY = r".*\b(?:space|sun|moon|mars|venus|mercury|jupiter)\b"
_ALWAYS = rf"(?!.*\b(?:this|next|last)\b)(?:{_AWAY}|.*\b(?:winter|summer|spring|autumn)\b)"
"""How warm it is there, or then, is no news."""

QUESTIONS = tuple(
    (re.compile(pattern), line)
    for pattern, line in (
        # Accounts.
        (
            r"^(?:check|show|read|tell|look (?:at|into|up)|what is|send|get|email|e mail)(?: "
            r"me)?(?: up)?(?: on)? my (?:[\w']+ ){0,2}?(?:account|balance|bill|bills|invoice|"
            r"statement|payments?|subscription|credit score)\b|"
            r"^reset my (?:\w+ )?(?:password|pin|router|account|phone)\b|"
            r"^(?:why|when) (?:was|have|am|did|were) (?:i|you) (?:been )?(?:charged?|billed?|"
            r"debited?)\b(?: me)?.*|^how much do i owe\b",
            ACCOUNT,
        ),
        # Live information.
        (
            rf"^(?:what|how) (?:is|was|will|are|does)(?: be)? (?:the |today's |tomorrow's |todays |"
            rf"tomorrows )*(?:[\w']+ )?{_LIVE}(?: (?:be|is|look))*"
            r"(?: like)?(?: (?:today|tomorrow|tonight|now|outside|here|there|on \w+|this \w+|next "
            r"\w+|at the weekend|(?:in|for|on) (?!(?:january|february|march|april|may|june|july|"
            r"august|september|october|november|december|spring|summer|autumn|winter|"
            r"general)\b)[a-z ']+))*$",
            LIVE,
        ),
        (
            rf"^(?:tell me|give me|read(?: me)?|check|show(?: me)?)? ?(?:the |today's |todays |"
            rf"tomorrow's |latest |any )*(?:weather|{_LIVE})(?: report|"
            r" forecast)?(?: (?:for|in|on|today|tomorrow|outside|please)(?: [\w']+){0,2})?$|"
            r"^(?:what is|is there|is there anything|what do you have|anything)(?: (?:new|any|"
            r"interesting))* (?:in|on) the news(?: today)?$|^(?:any|is there any) news(?: today)?$",
            LIVE,
        ),
        (
            rf"^(?!{_AWAY})(?:will|is|does|should) (?:it|there)(?: (?:going to|be|still))* "
            r"(?:rain\w*|snow\w*|"
            r"sunny|storm\w*|windy|cold|warm|hot|freez\w*|cloudy|foggy)(?: (?:any|outside|much|"
            r"a lot))*(?: (?:today|tomorrow|tonight|now|outside|later|here|this \w+|on \w+|at the "
            r"weekend))+$|"
            r"^(?:do|will|should) i (?:need|take|bring|wear) (?:an? |my )?(?:umbrella|coat|jacket|"
            r"raincoat|sunscreen)(?: (?:today|tomorrow|tonight|outside|now|later))*$|"
            rf"^(?!{_ALWAYS})(?:how (?:warm|cold|hot|windy|wet) is it|is it (?:raining|snowing|"
            r"sunny|windy|cold|warm|hot))"
            r"(?: (?:outside|today|now|here|out|there|(?:in|on) [a-z]+))*$",
            LIVE,
        ),
        (
            r"^who (?:won|is winning|is leading)(?: (?:the|in|at))+ (?:[\w']+ ){0,2}?(?:game|match|"
            r"election|race)(?: (?:last night|today|yesterday|now))$|"
            r"^(?:what is|how is)(?: the)? (?:score|price of (?:bitcoin|gold|oil|\w+ (?:shares|"
            r"stock)))(?: (?:now|today|of .*))?$",
            LIVE,
        ),
        (
            r"^(?:(?:tell me|give me|check|find|show me|get) )?(?:the |this week's |today's |"
            r"tomorrow's |current |local )*(?:weather|temperature|forecast)(?: report| forecast|"
            r" like)?(?: (?:for|in|at|on|this|next|today|tomorrow|tonight|outside|here)(?: "
            r"[\w':]+){0,5})?$",
            LIVE,
        ),
        # Private data.
        (
            r"^(?:what is|what do i have|what have i got|is there anything|anything|do i have "
            r"(?:anything|something))(?: (?:on|in))? (?:my |the |for )?(?:calendar|diary|schedule|"
            r"agenda|inbox)(?: (?:for|on|today|tomorrow|this|next)(?: [\w']+){0,2})?$|"
            r"^(?:do i have|have i got|are there|did i get|is there)(?: any| some| a| new| unread|"
            r" missed)* (?:messages?|e ?mails?|mail|texts?|calls?|appointments?|meetings?|"
            r"notifications?|voicemails?)(?: (?:today|tomorrow|for me|from|in|on|waiting)(?: "
            r"[\w']+){0,2})*$|^(?:check|read|open|show|delete)(?: me)?(?: out)? my (?:[\w']+ )?"
            r"(?:e ?mails?|mail|messages?|texts?|calendar|inbox|schedule|agenda|voicemail|"
            r"notifications?|contacts?)\b|^when is my (?:next )?(?:[\w']+ )?(?:appointment|meeting|"
            r"flight|train|class|lesson)$|^who (?:called|texted|emailed|messaged) me\b",
            PRIVATE,
        ),
    )
)
"""Patterns of bare words (see `words.bare`), and the answer to each."""

GOODS_QUESTIONS = tuple(
    (re.compile(pattern), line)
    for pattern, line in (
        (
            r"^(?:look up|check|find|tell me)(?: me)? (?:the )?(?:prices?|stock|availability) "
            r"(?:of|for)\b|^(?:is|are) (?:the|that|this|those|these) (?:[\w']+ ){1,3}(?:in stock|"
            r"available|on sale|on offer)$|^how much (?:is|are|does|do|for) (?:the|that|this|those|"
            r"these|your) (?:[\w']+ ){0,3}?(?:lamp|jacket|shoes|phone|tablet|printer|shirt|dress|"
            r"chair|table|bag|one|ones|coat|hat|sofa|laptop|bike)(?: cost)?$|"
            r"^(?:do|have) you (?:have|sell|stock|got)(?: any| a| an| some)? (?:[\w']+ ){0,2}?"
            r"(?:shoes|lamps?|jackets?|shirts?|dresses|chairs?|bags?|coats?|sofas?|laptops?|"
            r"phones?|tablets?|printers?)(?: in stock| on sale| in \w+)*$",
            GOODS,
        ),
    )
)
"""The same for goods."""

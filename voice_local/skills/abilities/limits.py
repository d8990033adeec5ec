"""What the assistant cannot do without a host program: which requests ask for it, and the honest
answer to each.

Only requests are taken, never questions about the same things: "call my sister" and not "how do
people call a cat".
"""

from __future__ import annotations

import re

from voice_local.skills.abilities.timer_desk import NO_TIME_TOLD
from voice_local.skills.abilities.words import (
    bare,
    spelled,
)

HOME = "I can't switch, open or set anything in your home from here."
CONTACT = "I can't call or write to anybody from here."
PERSON = "I can't connect you with a person from here. I can only talk with you myself."
LIST = "I can't keep lists or notes here."
BOOK = "I can't book, move or cancel anything here."
BUY = "I can't order, buy or return anything here."
MEDIA = "I can't play or record anything here."
ACCOUNT = "I can't look into bills, payments or accounts from here."
GOODS = "I can't look up products, prices or stock here."
LIVE = "I have no connection to the outside, so I can't know that."
PRIVATE = "I can't see your calendar, mail or messages from here."
HANDS = "I am only a voice, so I can't make, fetch or find anything."
DONE = "I haven't done anything like that. I can only talk with you and keep the time."
SAID = (HOME, CONTACT, PERSON, LIST, BOOK, BUY, MEDIA, ACCOUNT, GOODS, LIVE, PRIVATE, HANDS, DONE)
"""All of them."""

BY_INTENT = {
    "home_control": HOME,
    "shopping_list": LIST,
    "booking": BOOK,
    "appointment": BOOK,
    "music": MEDIA,
    "return_item": BUY,
    "human_agent": PERSON,
    "timer_reminder": NO_TIME_TOLD,
    "billing": ACCOUNT,
    "product_question": GOODS,
}
"""What is said to a request of a model's intent."""

BY_KIND = {
    "live": LIVE,
    "private": PRIVATE,
    "contact": CONTACT,
    "home": HOME,
    "media": MEDIA,
    "book": BOOK,
    "buy": BUY,
    "list": LIST,
    "hands": HANDS,
    "done": DONE,
}
"""The same for what the understanding model tells as beyond this place, see
`stages.understanding.BEYOND`."""

_ON = r"(?:on|off|up|down)"
_HOUSE = (
    r"(?:lights?|lamps?|bulbs?|heat(?:ing|er)?|radiators?|thermostat|temperature|fan|"
    r"air ?con(?:ditioning)?|ac|tv|television|radio|stereo|oven|stove|kettle|coffee machine|coffee "
    r"maker|dishwasher|washing machine|dryer|vacuum|robot|blinds?|shutters?|curtains?|windows?|"
    r"doors?|gate|garage|locks?|sprinklers?|camera|alarm system|plug|socket|computer|laptop|"
    r"printer|music|screen|wifi|router|bedroom|kitchen|bathroom|living room|hallway|power)"
)
_THE = (
    r"(?:(?:all |both )?(?:of )?(?:the|my|our|that|this|these|those|a|an|all|every) )?(?:[\w']+ "
    r"){0,3}?"
)
_WHOM = (
    r"(?:(?:my|the|our|your|his|her|a|an) (?:[\w']+ ){0,2}?(?:mum|mom|mother|dad|father|sister|"
    r"brother|wife|husband|son|daughter|parents?|partner|friend|boyfriend|girlfriend|boss|"
    r"colleague|doctor|dentist|neighbou?rs?|office|school|bank|landlord|teacher|manager|assistant|"
    r"plumber|police|ambulance|fire brigade|hotel|restaurant|shop|grandma|grandpa|granny|uncle|"
    r"aunt|cousin|team|client|lawyer|vet|clinic|pharmacy|hospital)\b|him|her|them|mum|mom|dad|911|"
    r"999|112|(?:an? )?(?:ambulance|taxi|cab|uber|doctor)|emergency services)"
)
_LIVE = (
    r"(?:weather|forecast|temperature(?: outside)?|news|headlines|traffic|pollen count|air quality|"
    r"stock (?:price|market)s?|exchange rate|lottery numbers)"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), line)
    for pattern, line in (
        # The house.
        (rf"^(?:turn|switch|power) {_ON} {_THE}[\w']+", HOME),
        (
            rf"^(?:turn|switch|power) {_THE}[\w']+(?: [\w']+)? {_ON}\b|^(?:put|leave) "
            rf"{_THE}{_HOUSE} {_ON}\b",
            HOME,
        ),
        (
            rf"^(?:dim|brighten|lock|unlock|open|close|shut|lower|raise|heat|cool|preheat|start|"
            rf"stop|set|adjust|change|activate|deactivate|arm|disarm|fire) {_THE}{_HOUSE}\b",
            HOME,
        ),
        (
            rf"^(?:fire|power|light) {_THE}{_HOUSE} up$|^make it (?:\w+ )?(?:warmer|cooler|colder|"
            rf"hotter|brighter|darker)\b",
            HOME,
        ),
        (
            r"^(?:set|turn) (?:it|the \w+) to (?:[\w']+ ){1,3}(?:degrees|percent)\b|^lights? (?:on|"
            r"off)\b",
            HOME,
        ),
        (r"^run (?:the|my) (?:vacuum|dishwasher|washing machine|dryer|bath|robot)\b", HOME),
        # People.
        (
            r"^(?:talk|speak) (?:to|with) (?:a|an|the|your|some|another)(?: \w+){0,2} (?:person|"
            r"human|human being|agent|operator|representative|manager|supervisor|someone|advisor|"
            r"colleague)\b|^(?:talk|speak) (?:to|with) (?:someone|somebody|a human|a person|"
            r"customer service)\b|^let me (?:talk|speak) (?:to|with) (?!you\b)",
            PERSON,
        ),
        (
            r"^(?:connect|transfer|put|patch|pass|hand|forward) (?:me|us|this call|the call)(?:(?: "
            r"through| over)?(?: (?:to|with) (?!some |the internet|bluetooth)(?:[\w']+ ?){1,4}|"
            r" through))?$",
            PERSON,
        ),
        (
            r"^(?:get|give|find|bring|fetch) me (?:a|an|the|your|some)(?: \w+)? (?:person|human|"
            r"agent|operator|manager|supervisor|representative)\b|^(?:a )?(?:real |"
            r"human )(?:person|agent|being)$|"
            r"^(?:operator|agent|representative)$",
            PERSON,
        ),
        (
            rf"^(?:please )?(?:call|ring|phone|dial|text|message|email|e mail|contact|video call|"
            rf"facetime|notify|inform|alert)(?: up| back)? {_WHOM}",
            CONTACT,
        ),
        (
            r"^(?:call|ring|phone|dial|text|facetime) (?!me\b|it\b|you\b|that\b|this\b|yourself\b|"
            r"on\b|for\b)[a-z']+(?: (?:back|and|now|that|to|at home|on|for|at|about|mobile).*)?$",
            CONTACT,
        ),
        (
            r"^(?:send|forward|shoot|drop)(?: \w+)? (?:(?:an?|the|my|this|that) )?(?:\w+ )?"
            r"(?:e ?mail|mail|message|text|sms|note|fax|letter|invitation|reply|whatsapp)(?: "
            r"message)? (?:to|that|saying|about|back)\b|^(?:send|email|e mail|message) [a-z']+ "
            r"(?:an?|the|my|that|saying|about)\b|^(?:send|reply to) (?:an?|the|that|this|my|his|"
            r"her) (?:\w+ )?(?:e ?mail|message|text|sms)\b",
            CONTACT,
        ),
        (
            rf"^tell {_WHOM} (?:that|to|about|i|we|dinner|it)\b|^let {_WHOM} know\b|^(?:post|tweet|"
            rf"share) (?:this|that|it|a \w+) (?:on|to)\b",
            CONTACT,
        ),
        (
            r"^(?:make|place|start) (?:a|an|the) (?:\w+ )?(?:phone |video )?call\b|^answer the "
            r"(?:phone|door)|^hang up on\b",
            CONTACT,
        ),
        # Lists and notes.
        (
            r"^(?:add|put|write|note|enter|jot|scribble)\b.* (?:on|onto|to|in|into|from) (?:the|my|"
            r"our|a) (?:[\w']+ ){0,2}?(?:list|lists|calendar|diary|notes?|basket|cart|trolley)\b",
            LIST,
        ),
        (
            r"^(?:what is|what do i have|read|show|tell|clear|empty|delete|check|open)(?: me)?(?: "
            r"out)?(?: what is)?(?: on)? (?:the|my|our) (?:[\w']+ ){0,2}?(?:list|notes?|basket|"
            r"cart)$|^(?:write|note|jot|take)(?: (?:this|that|it))? down\b|"
            r"^(?:write|note|take|make) (?:a |down |me a )?notes?(?: (?:that|of|about|for|"
            r"to)\b.*)?$",
            LIST,
        ),
        (
            r"^(?:remove|delete|take|cross)\b.* (?:from|off) (?:the|my|our) (?:[\w']+ ){0,2}?list$|"
            r"^(?:make|start|create|begin) (?:a|me a|the) (?:new )?(?:shopping|grocery|to do|todo|"
            r"packing) list$|"
            r"^remember to (?!me\b)\w+ ",
            LIST,
        ),
        # Bookings.
        (
            r"^(?:book|reserve|schedule|arrange|set up|get me|make)(?: me| us)? (?:an?|the|my|two|"
            r"three|some|another) (?:[\w']+ ){0,3}?(?:table|room|flight|hotel|ticket|tickets|seat|"
            r"seats|appointment|reservation|booking|meeting|visit|haircut|cab|car|court|train|bus|"
            r"slot|call)\b",
            BOOK,
        ),
        (
            r"^(?:an? |the |another )?(?:[\w']+ )?(?:appointment|reservation|booking|table) "
            r"(?:with|at|for|on) ",
            BOOK,
        ),
        (
            r"^(?:move|cancel|change|reschedule|postpone|confirm|shift|delay) (?:my|the|our|that|"
            r"this) (?:[\w']+ ){0,2}?(?:appointment|reservation|booking|meeting|flight|table|room|"
            r"visit|hotel|ticket|subscription|membership|event)\b",
            BOOK,
        ),
        (r"^(?:check me in|check in)(?: for)? (?:my|the) flight", BOOK),
        # Buying.
        (
            r"^(?:order|buy|purchase|get)(?: me| us)? (?:an?|some|the|two|three|more|another|my) "
            r"(?:[\w']+ ){0,4}?(?:pizza|pizzas|food|dinner|lunch|takeaway|burgers?|sushi|coffee|"
            r"groceries|flowers|books?|shoes|tickets?|milk|bread|batteries|ones?|taxi|cab|uber|"
            r"present|gift|meal|beer|wine|water|ink|phone|delivery)\b|^order (?:me |us )?(?:an?|"
            r"some|the|two|three|four|more) \w+",
            BUY,
        ),
        (
            r"^(?:return|exchange|send back|refund) (?:my|the|these|this|that|those|it)\b|"
            r"^my money back\b|^(?:pay|wire|send|transfer) (?:my |the |[\w.,$€£]+ )*(?:bill|rent|"
            r"invoice|euros?|dollars?|pounds?|money)\b",
            BUY,
        ),
        # Sound and pictures.
        (
            r"^play(?: me| us)? (?!(?:.*\b)?(?:games?|chess|quiz|role|questions|riddles?|hangman|"
            r"with|against)\b)",
            MEDIA,
        ),
        (
            r"^(?:skip|pause|resume|shuffle|rewind)(?: (?:this|the|that|my|to the))* (?:song|track|"
            r"music|album|playlist|podcast|next|video|film|movie|radio)\b|^(?:next|previous|last) "
            r"(?:song|track)$|"
            r"^(?:take|snap|shoot|make|record) (?:an?|the|my|our) (?:[\w']+ )?(?:photo|picture|"
            r"selfie|video|screenshot|recording|call)\b|^put on (?:some |a |the )?(?:[\w']+ ){0,2}?"
            r"(?:music|song|songs|radio|jazz|album|playlist|podcast)\b|^(?:start|stop) (?:the |"
            r"recording|a )?(?:music|recording|podcast|film|movie)?$",
            MEDIA,
        ),
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
        # What is going on outside.
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
            r"^(?:will|is|does|should) (?:it|there)(?: (?:going to|be|still))* (?:rain\w*|snow\w*|"
            r"sunny|storm\w*|windy|cold|warm|hot|freez\w*|cloudy|foggy)(?: (?:any|outside|much|"
            r"a lot))*(?: (?:today|tomorrow|tonight|now|outside|later|here|this \w+|on \w+|at the "
            r"weekend))+$|"
            r"^(?:do|will|should) i (?:need|take|bring|wear) (?:an? |my )?(?:umbrella|coat|jacket|"
            r"raincoat|sunscreen)(?: (?:today|tomorrow|tonight|outside|now|later))*$|^how (?:warm|"
            r"cold|hot|windy|wet) is it(?: (?:outside|today|now|here|out|there|in [a-z]+))*$|"
            r"^is it (?:raining|snowing|sunny|windy|cold|warm|hot)(?: (?:outside|today|now|out|"
            r"there|in [a-z]+))*$",
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
        # Private things.
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
        # Hands.
        (
            r"^(?!.*\b(?:jokes?|poems?|story|songs?|recipe|sentence|rhyme|about)\b)(?:make|brew|"
            r"cook|bake|prepare|fix|pour|bring|fetch|get|hand|pass|give)(?: me| us)? (?:an?|some|"
            r"the|my|another|two)? ?(?:[\w']+ ){0,3}?(?:coffee|tea|sandwich|toast|breakfast|dinner|"
            r"lunch|cake|drink|beer|water|pizza|soup|eggs|cocktail|towel|newspaper|keys|glasses|"
            r"blanket|salt|umbrella|bag|phone|slippers)$|^you (?:can|could|may) (?:make|bring|"
            r"fetch|brew|cook) me\b|"
            r"^(?:print|scan|copy|download|install|upload|wash|clean|iron|water|feed|walk|charge|"
            r"repair|delete|open|close|launch|save|fold|sweep|vacuum|tidy) (?:the|my|this|that|"
            r"these|those|it|our)(?: [\w']+)*$|^(?:find|locate|where is|where are|ring) my "
            r"(?:[\w']+ )?(?:phone|keys?|glasses|wallet|car|remote|cat|dog|headphones|bag|watch|"
            r"tablet)$",
            HANDS,
        ),
    )
)
_TELLS = re.compile(r"^(?:how|why|who|whose|does|do you (?:think|like)|did)\b")
_SHOP = tuple(
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


def cannot_do(text: str) -> str | None:
    """What is said if `text` asks for something that nothing here can do; None for everything
    else."""
    asked = spelled(text)
    words = bare(text)
    for pattern, line in (*_SHOP, *_RULES):
        if pattern.search(words) and (
            line in (LIVE, ACCOUNT, PRIVATE, GOODS) or not _TELLS.match(asked)
        ):
            return line
    return None

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
    r"(?:lights?|lamps?|bulbs?|heat(?:ing|er)?|radiators?|thermostat|temperature|fan|air "
    r"?con(?:ditioning)?|"
    r"ac|tv|television|radio|stereo|oven|stove|kettle|coffee machine|coffee maker|dishwasher|"
    r"washing machine|"
    r"dryer|vacuum|robot|blinds?|shutters?|curtains?|windows?|doors?|gate|garage|locks?|"
    r"sprinklers?|camera|"
    r"alarm system|plug|socket|computer|laptop|printer|music|screen|wifi|router|bedroom|kitchen|"
    r"bathroom|"
    r"living room|hallway|power)"
)
_THE = (
    r"(?:(?:all |both )?(?:of )?(?:the|my|our|that|this|these|those|a|an|all|every) )?(?:[\w']+ "
    r"){0,3}?"
)
_WHOM = (
    r"(?:(?:my|the|our|your|his|her|a|an) (?:[\w']+ ){0,2}?(?:mum|mom|mother|dad|father|sister|"
    r"brother|wife|"
    r"husband|son|daughter|parents?|partner|friend|boyfriend|girlfriend|boss|colleague|doctor|"
    r"dentist|"
    r"neighbou?rs?|office|school|bank|landlord|teacher|manager|assistant|plumber|police|ambulance|"
    r"fire brigade|"
    r"hotel|restaurant|shop|grandma|grandpa|granny|uncle|aunt|cousin|team|client|lawyer|vet|clinic|"
    r"pharmacy|"
    r"hospital)\b|him|her|them|mum|mom|dad|911|999|112|(?:an? )?(?:ambulance|taxi|cab|uber|doctor)|"
    r"emergency "
    r"services)"
)
_LIVE = (
    r"(?:weather|forecast|temperature(?: outside)?|news|headlines|traffic|pollen count|air quality|"
    r"stock "
    r"(?:price|market)s?|exchange rate|lottery numbers)"
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
            rf"stop|set|adjust|change|"
            rf"activate|deactivate|arm|disarm|fire) {_THE}{_HOUSE}\b",
            HOME,
        ),
        (
            rf"^(?:fire|power|light) {_THE}{_HOUSE} up$|^make it (?:\w+ )?(?:warmer|cooler|colder|"
            rf"hotter|brighter|"
            rf"darker)\b",
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
            r"human|human being|agent|"
            r"operator|representative|manager|supervisor|someone|advisor|colleague)\b|^(?:talk|"
            r"speak) (?:to|with) "
            r"(?:someone|somebody|a human|a person|customer service)\b|^let me (?:talk|speak) "
            r"(?:to|with) "
            r"(?!you\b)",
            PERSON,
        ),
        (
            r"^(?:connect|transfer|put|patch|pass|hand|forward) (?:me|us|this call|the call)(?:(?: "
            r"through| over)?(?: "
            r"(?:to|with) (?!some |the internet|bluetooth)(?:[\w']+ ?){1,4}| through))?$",
            PERSON,
        ),
        (
            r"^(?:get|give|find|bring|fetch) me (?:a|an|the|your|some)(?: \w+)? (?:person|human|"
            r"agent|operator|manager|"
            r"supervisor|representative)\b|^(?:a )?(?:real |human )(?:person|agent|being)$|"
            r"^(?:operator|agent|"
            r"representative)$",
            PERSON,
        ),
        (
            rf"^(?:please )?(?:call|ring|phone|dial|text|message|email|e mail|contact|video call|"
            rf"facetime|notify|inform|"
            rf"alert)(?: up| back)? {_WHOM}",
            CONTACT,
        ),
        (
            r"^(?:call|ring|phone|dial|text|facetime) (?!me\b|it\b|you\b|that\b|this\b|yourself\b|"
            r"on\b|for\b)[a-z']+(?: "
            r"(?:back|and|now|that|to|at home|on|for|at|about|mobile).*)?$",
            CONTACT,
        ),
        (
            r"^(?:send|forward|shoot|drop)(?: \w+)? (?:(?:an?|the|my|this|that) )?(?:\w+ )?(?:e "
            r"?mail|mail|message|"
            r"text|sms|note|fax|letter|invitation|reply|whatsapp)(?: message)? (?:to|that|saying|"
            r"about|back)\b|^(?:send|"
            r"email|e mail|message) [a-z']+ (?:an?|the|my|that|saying|about)\b|^(?:send|reply to) "
            r"(?:an?|the|that|this|my|"
            r"his|her) (?:\w+ )?(?:e ?mail|message|text|sms)\b",
            CONTACT,
        ),
        (
            rf"^tell {_WHOM} (?:that|to|about|i|we|dinner|it)\b|^let {_WHOM} know\b|^(?:post|tweet|"
            rf"share) (?:this|that|it|"
            rf"a \w+) (?:on|to)\b",
            CONTACT,
        ),
        (
            r"^(?:make|place|start) (?:a|an|the) (?:\w+ )?(?:phone |video )?call\b|^answer the "
            r"(?:phone|door)|^hang up "
            r"on\b",
            CONTACT,
        ),
        # Lists and notes.
        (
            r"^(?:add|put|write|note|enter|jot|scribble)\b.* (?:on|onto|to|in|into|from) (?:the|my|"
            r"our|a) (?:[\w']+ "
            r"){0,2}?(?:list|lists|calendar|diary|notes?|basket|cart|trolley)\b",
            LIST,
        ),
        (
            r"^(?:what is|what do i have|read|show|tell|clear|empty|delete|check|open)(?: me)?(?: "
            r"out)?(?: what is)?(?: "
            r"on)? (?:the|my|our) (?:[\w']+ ){0,2}?(?:list|notes?|basket|cart)$|^(?:write|note|jot|"
            r"take)(?: (?:this|that|"
            r"it))? down\b|"
            r"^(?:write|note|take|make) (?:a |down |me a )?notes?(?: (?:that|of|about|for|"
            r"to)\b.*)?$",
            LIST,
        ),
        (
            r"^(?:remove|delete|take|cross)\b.* (?:from|off) (?:the|my|our) (?:[\w']+ ){0,2}?list$|"
            r"^(?:make|start|create|"
            r"begin) (?:a|me a|the) (?:new )?(?:shopping|grocery|to do|todo|packing) list$|"
            r"^remember to "
            r"(?!me\b)\w+ ",
            LIST,
        ),
        # Bookings.
        (
            r"^(?:book|reserve|schedule|arrange|set up|get me|make)(?: me| us)? (?:an?|the|my|two|"
            r"three|some|another) "
            r"(?:[\w']+ ){0,3}?(?:table|room|flight|hotel|ticket|tickets|seat|seats|appointment|"
            r"reservation|booking|"
            r"meeting|visit|haircut|cab|car|court|train|bus|slot|call)\b",
            BOOK,
        ),
        (
            r"^(?:an? |the |another )?(?:[\w']+ )?(?:appointment|reservation|booking|table) "
            r"(?:with|at|for|on) ",
            BOOK,
        ),
        (
            r"^(?:move|cancel|change|reschedule|postpone|confirm|shift|delay) (?:my|the|our|that|"
            r"this) (?:[\w']+ "
            r"){0,2}?(?:appointment|reservation|booking|meeting|flight|table|room|visit|hotel|"
            r"ticket|subscription|"
            r"membership|event)\b",
            BOOK,
        ),
        (r"^(?:check me in|check in)(?: for)? (?:my|the) flight", BOOK),
        # Buying.
        (
            r"^(?:order|buy|purchase|get)(?: me| us)? (?:an?|some|the|two|three|more|another|my) "
            r"(?:[\w']+ ){0,4}?(?:pizza|"
            r"pizzas|food|dinner|lunch|takeaway|burgers?|sushi|coffee|groceries|flowers|books?|"
            r"shoes|tickets?|milk|bread|"
            r"batteries|ones?|taxi|cab|uber|present|gift|meal|beer|wine|water|ink|phone|"
            r"delivery)\b|^order (?:me |us "
            r")?(?:an?|some|the|two|three|four|more) \w+",
            BUY,
        ),
        (
            r"^(?:return|exchange|send back|refund) (?:my|the|these|this|that|those|it)\b|^my "
            r"money back\b|^(?:pay|wire|"
            r"send|transfer) (?:my |the |[\w.,$€£]+ )*(?:bill|rent|invoice|euros?|dollars?|pounds?|"
            r"money)\b",
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
            r"music|album|playlist|"
            r"podcast|next|video|film|movie|radio)\b|^(?:next|previous|last) (?:song|track)$|"
            r"^(?:take|snap|shoot|make|"
            r"record) (?:an?|the|my|our) (?:[\w']+ )?(?:photo|picture|selfie|video|screenshot|"
            r"recording|call)\b|^put on "
            r"(?:some |a |the )?(?:[\w']+ ){0,2}?(?:music|song|songs|radio|jazz|album|playlist|"
            r"podcast)\b|^(?:start|stop) "
            r"(?:the |recording|a )?(?:music|recording|podcast|film|movie)?$",
            MEDIA,
        ),
        # Accounts.
        (
            r"^(?:check|show|read|tell|look (?:at|into|up)|what is|send|get|email|e mail)(?: "
            r"me)?(?: up)?(?: on)? my "
            r"(?:[\w']+ ){0,2}?(?:account|balance|bill|bills|invoice|statement|payments?|"
            r"subscription|credit score)\b|"
            r"^reset my (?:\w+ )?(?:password|pin|router|account|phone)\b|"
            r"^(?:why|when) (?:was|have|am|did|were) (?:i|you) (?:been )?(?:charged?|billed?|"
            r"debited?)\b(?: me)?.*|^how "
            r"much do i owe\b",
            ACCOUNT,
        ),
        # What is going on outside.
        (
            rf"^(?:what|how) (?:is|was|will|are|does)(?: be)? (?:the |today's |tomorrow's |todays |"
            rf"tomorrows )*(?:[\w']+ "
            rf")?{_LIVE}(?: (?:be|is|look))*"
            r"(?: like)?(?: (?:today|tomorrow|tonight|now|outside|here|there|on \w+|this \w+|next "
            r"\w+|at the weekend|(?:in|"
            r"for|on) (?!(?:january|february|march|april|may|june|july|august|september|october|"
            r"november|december|spring|"
            r"summer|autumn|winter|general)\b)[a-z ']+))*$",
            LIVE,
        ),
        (
            rf"^(?:tell me|give me|read(?: me)?|check|show(?: me)?)? ?(?:the |today's |todays |"
            rf"tomorrow's |latest |any "
            rf")*(?:weather|{_LIVE})(?: report|"
            r" forecast)?(?: (?:for|in|on|today|tomorrow|outside|please)(?: [\w']+){0,2})?$|"
            r"^(?:what is|is there|is there "
            r"anything|what do you have|anything)(?: (?:new|any|interesting))* (?:in|on) the "
            r"news(?: today)?$|^(?:any|is "
            r"there any) news(?: today)?$",
            LIVE,
        ),
        (
            r"^(?:will|is|does|should) (?:it|there)(?: (?:going to|be|still))* (?:rain\w*|snow\w*|"
            r"sunny|storm\w*|windy|"
            r"cold|warm|hot|freez\w*|cloudy|foggy)(?: (?:any|outside|much|a lot))*(?: (?:today|"
            r"tomorrow|tonight|now|"
            r"outside|later|here|this \w+|on \w+|at the weekend))+$|"
            r"^(?:do|will|should) i (?:need|take|bring|wear) (?:an? |my )?(?:umbrella|coat|jacket|"
            r"raincoat|sunscreen)(?: "
            r"(?:today|tomorrow|tonight|outside|now|later))*$|^how (?:warm|cold|hot|windy|wet) is "
            r"it(?: (?:outside|today|"
            r"now|here|out|there|in [a-z]+))*$|"
            r"^is it (?:raining|snowing|sunny|windy|cold|warm|hot)(?: (?:outside|today|now|out|"
            r"there|in [a-z]+))*$",
            LIVE,
        ),
        (
            r"^who (?:won|is winning|is leading)(?: (?:the|in|at))+ (?:[\w']+ ){0,2}?(?:game|match|"
            r"election|race)(?: "
            r"(?:last night|today|yesterday|now))$|"
            r"^(?:what is|how is)(?: the)? (?:score|price of (?:bitcoin|gold|oil|\w+ (?:shares|"
            r"stock)))(?: (?:now|today|of "
            r".*))?$",
            LIVE,
        ),
        (
            r"^(?:(?:tell me|give me|check|find|show me|get) )?(?:the |this week's |today's |"
            r"tomorrow's |current |local "
            r")*(?:weather|temperature|forecast)(?: report| forecast| like)?(?: (?:for|in|at|on|"
            r"this|next|today|tomorrow|"
            r"tonight|outside|here)(?: [\w':]+){0,5})?$",
            LIVE,
        ),
        # Private things.
        (
            r"^(?:what is|what do i have|what have i got|is there anything|anything|do i have "
            r"(?:anything|something))(?: "
            r"(?:on|in))? (?:my |the |for )?(?:calendar|diary|schedule|agenda|inbox)(?: (?:for|on|"
            r"today|tomorrow|this|"
            r"next)(?: [\w']+){0,2})?$|^(?:do i have|have i got|are there|did i get|is there)(?: "
            r"any| some| a| new| unread|"
            r" missed)* (?:messages?|e ?mails?|mail|texts?|calls?|appointments?|meetings?|"
            r"notifications?|voicemails?)(?: "
            r"(?:today|tomorrow|for me|from|in|on|waiting)(?: [\w']+){0,2})*$|^(?:check|read|open|"
            r"show|delete)(?: me)?(?: "
            r"out)? my (?:[\w']+ )?(?:e ?mails?|mail|messages?|texts?|calendar|inbox|schedule|"
            r"agenda|voicemail|"
            r"notifications?|contacts?)\b|^when is my (?:next )?(?:[\w']+ )?(?:appointment|meeting|"
            r"flight|train|class|"
            r"lesson)$|^who (?:called|texted|emailed|messaged) me\b",
            PRIVATE,
        ),
        # Hands.
        (
            r"^(?!.*\b(?:jokes?|poems?|story|songs?|recipe|sentence|rhyme|about)\b)"
            r"(?:make|brew|cook|bake|prepare|fix|pour|bring|fetch|get|hand|pass|give)(?: me| us)? "
            r"(?:an?|some|the|my|"
            r"another|two)? ?(?:[\w']+ ){0,3}?(?:coffee|tea|sandwich|toast|breakfast|dinner|lunch|"
            r"cake|drink|beer|water|"
            r"pizza|soup|eggs|cocktail|towel|newspaper|keys|glasses|blanket|salt|umbrella|bag|"
            r"phone|slippers)$|^you (?:can|"
            r"could|may) (?:make|bring|fetch|brew|cook) me\b|"
            r"^(?:print|scan|copy|download|install|upload|wash|clean|iron|water|feed|walk|charge|"
            r"repair|delete|open|close|"
            r"launch|save|fold|sweep|vacuum|tidy) (?:the|my|this|that|these|those|it|our)(?: "
            r"[\w']+)*$|^(?:find|"
            r"locate|where is|where are|ring) my (?:[\w']+ )?(?:phone|keys?|glasses|wallet|car|"
            r"remote|cat|dog|headphones|"
            r"bag|watch|tablet)$",
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
            r"(?:of|for)\b|^(?:is|are) "
            r"(?:the|that|this|those|these) (?:[\w']+ ){1,3}(?:in stock|available|on sale|on "
            r"offer)$|^how much (?:is|are|"
            r"does|do|for) (?:the|that|this|those|these|your) (?:[\w']+ ){0,3}?(?:lamp|jacket|"
            r"shoes|phone|tablet|printer|"
            r"shirt|dress|chair|table|bag|one|ones|coat|hat|sofa|laptop|bike)(?: cost)?$|"
            r"^(?:do|have) you (?:have|sell|stock|got)(?: any| a| an| some)? (?:[\w']+ "
            r"){0,2}?(?:shoes|lamps?|jackets?|"
            r"shirts?|dresses|chairs?|bags?|coats?|sofas?|laptops?|phones?|tablets?|printers?)(?: "
            r"in stock| on sale| in "
            r"\w+)*$",
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

"""Words, short answers and sentence templates of an assistant, which the tiny voice is trained to
say."""

from __future__ import annotations


def listed(text: str, mark: str | None = None) -> list[str]:
    """The entries of a table that is written as one string, separated by `mark` or blanks."""
    return text.split(mark)


DIGITS = listed("zero one two three four five six seven eight nine")
TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
TEENS = listed("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
ORDINALS = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth twentieth "
    "thirtieth"
)
LETTERS = ["ae", *"bcdefghijklmnopqrstuvwxyz"]
DAYS = listed(
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight yesterday"
)
MONTHS = listed(
    "january february march april may june july august september october november december"
)
NAMES = listed(
    "anna peter michael susan david maria john lisa thomas julia robert emma james laura daniel "
    "sophie kevin grace"
)
PLACES = listed(
    "berlin boston chicago london madrid paris rome new_york amsterdam dublin vienna toronto"
)
ROOMS = listed("kitchen bathroom bedroom garage garden living_room hallway office house basement")
DEVICES = listed(
    "lights lamp heater fan oven television radio window door lock alarm coffee_machine fridge "
    "music air_conditioner"
)
ITEMS = listed(
    "headphones laptop keyboard mouse monitor printer router phone camera jacket coat shirt dress "
    "shoes bag blanket lamp mattress watch charger battery speaker tablet book coffee_machine "
    "desk_chair gift_card red_coat blue_jacket"
)
FOODS = listed(
    "milk bread eggs coffee apples butter rice tea sugar oranges bananas cheese soap paper_towels "
    "orange_juice"
)
BODY = listed("head back throat stomach knee ankle chest ear eye foot hand arm leg tooth shoulder")
LANGUAGES = listed("french german italian spanish english portuguese dutch japanese")
FEELINGS = listed(
    "sorry glad happy sad worried afraid surprised excited confused frustrated angry annoyed upset"
)
RARE = listed(
    "measure usual vision pleasure garage television treasure decision beige boy toy voice choice "
    "enjoy noise point oil join annoy book good full could should put wolf sugar thing both think "
    "thank bath path month north mouth this that those there other mother brother weather clothes "
    "breathe judge bridge age orange large change church each lunch watch catch question picture "
    "long song ring bring finger hungry yes you year young yellow few huge music view why where "
    "which quick queen square fire hour our power flower town how now out cow chair hair air bear "
    "near here ear beer poor tour sure cure first bird word girl world hurt nurse early learn very "
    "carry story star dark heart large father palm calm law caught saw talk off dog lost strong "
    "street spring splash screen asked texts sixth twelfth months lengths strengths worlds girls "
    "films help milk cold old told rolled"
)

SHORT = listed(
    "sure|okay|yes|no|of course|one moment|one moment please|just a moment|let me check|let me see|"
    "all right|alright|thank you|thanks|thank you so much|you're welcome|welcome|hello|hi there|hi|"
    "hey|good morning|good afternoon|good evening|good night|goodbye|bye|bye for now|see you later|"
    "see you soon|great|fine|perfect|no problem|sorry|i'm sorry|i'm so sorry|pardon|excuse me|"
    "please|please wait|got it|i understand|i see|done|it's done|all done|stopped|okay then|well|"
    "oh no|oh|that's great|that's good|that's bad|really|right|right away|right now|not yet|maybe|"
    "maybe later|i don't know|i'm not sure|i can't do that|i can do that|i will|i'll do that|"
    "absolutely|certainly|gladly|with pleasure|my pleasure|happy to help|how can i help|"
    "can i help you|what's wrong|go ahead|say that again|once more|once again|as you wish|"
    "try again|please try again|never mind|don't worry|take care|be careful|stay calm|calm down|"
    "cheers|for you|in that case|for example|by the way|first of all|after that|and then|however|"
    "unfortunately|finally|meanwhile|actually|exactly|here you go|here it is|there it is|"
    "so far so good|louder|quieter|slower|faster|stop|wait|yes please|no thank you|yes it is|"
    "no it isn't|yes you can|no you can't|i heard you|i'm listening|i'm here|i'm fine|i'm well|"
    "how are you|how are you today|nice to meet you|have a nice day|have a good day|"
    "have a great weekend|sleep well|get well soon|good luck|congratulations|wonderful|"
    "that's wonderful|how awful|how sad|i'm glad|i'm glad to hear that|i'm sorry to hear that|"
    "that's fine|that's right|that's wrong",
    "|",
)

TEMPLATES = listed(
    "okay, let me check {that} for you|sure, let me look at your {item}|"
    "let me check order {code} for you|your order {code} was shipped on {day}|"
    "order {code} will arrive on {day}|your order number is {code}|"
    "i found your order, it is {code}|i can't see order {code} from here|"
    "i don't have the status of order {code}|i have cancelled order {code}|"
    "should i cancel order {code} for you|you want to return the {item}, right|"
    "you can return the {item} within {num} days|the {item} costs {price}|"
    "the {item} is {price}, and it is in stock|we have the {item} in {size} and in {color}|"
    "the {item} comes in {color} or {color2}|the {item} has a warranty of {num} years|"
    "i'm sorry that your {item} is broken|is the {item} {color} or {color2}|"
    "you were charged {price} on {day}|the invoice over {price} is for the {item}|"
    "a refund takes {num} to {num2} days|"
    "i can't see your balance, but i can connect you with the billing team|your total is {price}|"
    "i set a timer for {num} minutes|your timer for {num} minutes is running|the timer is done|"
    "i will wake you at {time}|your alarm is set for {time}|i'll remind you on {day} at {time}|"
    "i'll remind you to call {name} at {time}|the meeting is on {day} at {time}|it is {time} now|"
    "a table for {num} on {day} at {time}|your table is booked for {num} people at {time}|"
    "i booked a room for {num} nights in {place}|what name should i use for the booking|"
    "your appointment with doctor {name} is on {day} at {time}|"
    "should i move your appointment to {day}|i have moved it to {day}, the {ord} of {month}|"
    "the clinic is open until {time} on {day}|the nurse can see you at {time}|"
    "how long has your {body} been hurting|i'm sorry that your {body} hurts|"
    "please rest, and drink water|i can't tell you what that is, but a doctor can|"
    "take one pill in the morning, and one in the evening|"
    "please ask your pharmacy before you change the dose|"
    "please call the emergency number right now|is anybody hurt|"
    "i turned on the {device} in the {room}|i turned off the {device}|"
    "the {device} in the {room} is on|should i turn off the {device} too|"
    "the {room} is at {num} degrees|i set the {room} to {num} degrees|the {device} is now {level}|"
    "i locked the front door|the garage door is closed|i made it a little warmer|"
    "i added {food} to your shopping list|{food} and {food2} are on your list|"
    "your list has {food}, {food2}, and {food3}|in {language}, {word} is {word2}|"
    "how do you say {word} in {language}|{word} means {word2}|the word {word} is {language}|"
    "i'm playing a song for you|this song is by {name}|next song|i made the music {level}|"
    "please restart the router, and wait {num} minutes|is the light on the router red or green|"
    "turn it off, wait {num} seconds, and turn it on again|does the {item} still not work|"
    "did that fix the problem|please check the cable first|what does the screen say|"
    "i will connect you with a person|a person will call you back|"
    "i'm a robot, but i'm happy to talk|here is a joke|here is a fun fact|"
    "a cat can sleep {num} hours a day|we are open from {time} to {time2}|"
    "we close at {time} on {day}|our address is {num} {place} street|"
    "you can pay by card, or in cash|shipping is free over {price}|delivery takes {num} days|"
    "i can speak slower if you like|i will speak a bit louder|should i say it again|"
    "i said {time} on {day}|that is outside of what i know|i don't know that, i'm sorry|"
    "i only know about orders, bookings, and your home|you sound {feeling}, what happened|"
    "i'm {feeling} to hear that, {name}|thank you, {name}, have a good day|"
    "hello {name}, how can i help you today|good morning, {name}|welcome back, {name}|"
    "what can i do for you|you asked about the {item} before|the {ord} one is {price}|"
    "do you mean the {item} or the {item2}|{name} lives in {place}|"
    "the weather in {place} is {weather}|it will be {weather} on {day}|{day} is fine|"
    "your {family} called at {time}|did your {family} send the {item}|the code is {code}|"
    "i heard {code}, is that right|is {code} the right number|your package is in {place}|"
    "could you spell that for me|{spell}|that is spelled {spell}|the number is {digits}|"
    "please call {digits}|room {num}|{num} minutes|{num} dollars|at {time}|on {day}|in the {room}|"
    "{day}, {month} {ord}|for the {item}|the {item}|your {item}|in {place}|and the {device}|"
    "{price}|{time}, then|{feeling}|{word}, {word2}, {word3}|{word} and {word2} {word3}|"
    "{word} {word2} {word3} {word4}|{word} {word2}, {word3} {word4} {word5}|"
    "the {word} {word2} was {word3}|{rare} {rare2} {rare3} {rare4}|a {rare} {rare2}|"
    "the {rare}, the {rare2}, and the {rare3}|{rare} {word} {rare2} {word2} {rare3}|"
    "{open}, {short}|{open}, i turned off the {device}|{open}, your {item} is on its way|"
    "{open}, {num} minutes it is|{open}, what is your order number|{open}, i didn't catch that|"
    "{open}, could you say that again, please|{open}, the {item} is sold out|"
    "{open}, {name}, your order {code} is ready|{open}, we are closed on {day}",
    "|",
)

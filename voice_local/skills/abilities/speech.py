"""Volume and rate of the assistant's speech, and the commands that change them."""

from __future__ import annotations

import re

from voice_local.conversation.output.speech_style import SpeechStyle
from voice_local.skills.abilities.words import bare

LOUDEST, SOFTEST = 2.0, 0.25
FASTEST, SLOWEST = 1.6, 0.6
LOUDER, FASTER = 1.5, 1.2
"""The factor of one step."""

NO_SOUND = "This conversation is in writing, so there is no sound to change."

_THE = (
    r"(?:the |your |my )?(?:speaker |speech |speaking |talking |sound )?(?:volume|voice|sound)(?: "
    r"level)?(?: of (?:the |your )?(?:speakers?|voice))?"
)
_PACE = (
    r"(?:how fast you (?:are )?(?:talk|speak)\w*|(?:the |your )(?:rate of |speed of )?(?:speech|"
    r"speaking|talking|voice|speaking speed|speech rate|speed|pace|rate)(?: (?:of your speech|"
    r"in which you speak|at which you (?:speak|talk)))?)"
)
_MUCH = r"(?:(?:a (?:little|bit|little bit|tad|lot)|slightly|much|way|even|still|some|just) )*"
_LESS_NOISE = r"(?:quieter|softer|lower|less loud|more quietly|more softly|quietly|softly|down)"
_UP = re.compile(
    rf"^(?:(?:speak|talk|be|get|say it|go|sound) )?{_MUCH}(?:louder|more loudly)$|^speak "
    rf"up{_MUCH.replace(' )*', ')*')}(?: \w+ bit)?$|"
    rf"^(?:turn|bring|put) {_THE} {_MUCH}up(?: a (?:bit|little))?$|"
    rf"^(?:turn up|raise|increase|boost) {_THE}{_MUCH.replace(' )*', ')*')}(?: a (?:bit|little))?$|"
    rf"^(?:make )?(?:the )?volume {_MUCH}(?:up|higher)$|"
    r"^(?:you are|that is|it is|that was) (?:far |much |way )?too (?:quiet|soft)$|^(?:sorry )?i "
    r"can (?:not|hardly|barely) hear (?:you|that|it)$|"
    r"^raise your voice$"
)
_DOWN = re.compile(
    rf"^(?:speak|talk|be|get|go|sound) {_MUCH}{_LESS_NOISE}$|^{_MUCH}(?:quieter|softer|less loud|"
    rf"not so loud)$|"
    rf"^(?:turn|bring|put) {_THE} {_MUCH}down(?: a (?:bit|little))?$|"
    rf"^(?:turn down|lower|reduce|decrease) {_THE}(?: a (?:bit|little))?$|^(?:the )?volume "
    rf"{_MUCH}(?:down|lower)$|"
    r"^(?:you are|that is|it is|that was) (?:far |much |way )?too loud$|^(?:not so loud|lower your "
    r"voice|whisper)$"
)
_VOLUME = re.compile(
    r"^(?:(?:set|put|turn|change|adjust|increase|decrease) )?(?:the |your )?(?:speaker )?volume "
    r"(?:to |at |on )?(?:level )?(?P<to>\d{1,3})(?: ?(?P<percent>%|percent))?$|^(?:set |put |turn "
    r")?(?:the |your )?volume (?:to )?(?:the )?(?P<end>max(?:imum)?|min(?:imum)?|full|normal)$"
)
_SLOW = re.compile(
    rf"^(?:(?:speak|talk|go|read|say it|say that) )?{_MUCH}(?:slower|more slowly|less (?:fast|"
    rf"quickly))$|"
    rf"^(?:speak|talk) {_MUCH}slow(?:ly)?$|^slow (?:it )?down{_MUCH.replace(' )*', ')*')}(?: a "
    rf"(?:bit|little))?$|"
    rf"^(?:slow|reduce|decrease|lower) {_PACE}(?: down)?$|^slow down {_PACE}$|^(?:do )?not (?:talk|"
    rf"speak|go) (?:so|too) (?:fast|quickly)$|"
    r"^(?:not so fast|(?:you are|you (?:speak|talk)|you are (?:speaking|talking|going)|that is|"
    r"that was) (?:far |much |way )?too (?:fast|quick(?:ly)?))$"
)
_FAST = re.compile(
    rf"^(?:(?:speak|talk|go|read|say it|say that) )?{_MUCH}(?:faster|more quickly|quicker)$|"
    rf"^(?:speak|talk) {_MUCH}(?:fast|quickly)$|"
    rf"^(?:speed up|increase|raise) {_PACE}$|^(?:do )?not (?:talk|speak|go) (?:so|too) "
    rf"slow(?:ly)?$|"
    r"^speed (?:it )?up(?: a (?:bit|little))?$|^(?:you are|you (?:speak|talk)|you are (?:speaking|"
    r"talking|going)|that is|that was) (?:far |much |way )?too slow(?:ly)?$"
)
_NORMAL = re.compile(
    r"^(?:speak|talk|go back to)(?: at)?(?: a| your)? (?:normal(?:ly)?|usual)(?: again| speed| "
    r"voice| volume)*$|"
    r"^(?:normal|usual) (?:speed|volume|voice)$"
)


def changed_style(text: str, style: SpeechStyle) -> tuple[SpeechStyle, str] | None:
    """The style that `text` asks for, and the answer; None where it asks for no change."""
    words = bare(text)
    if found := _VOLUME.match(words):
        wanted = (
            float(found["to"]) / (100 if found["percent"] or float(found["to"]) > 10 else 10)
            if found["to"]
            else {"ma": LOUDEST, "fu": LOUDEST, "mi": SOFTEST}.get(found["end"][:2], 1.0)
        )
        volume = min(LOUDEST, max(SOFTEST, wanted))
        return SpeechStyle(volume, style.rate), "Okay, is this better?"
    if _NORMAL.match(words):
        return SpeechStyle(), "Okay, this is how I usually speak."
    if _UP.match(words):
        return _louder(style, LOUDER, "Okay, is this louder?", "This is as loud as I can speak.")
    if _DOWN.match(words):
        return _louder(
            style, 1 / LOUDER, "Okay, is this quieter?", "This is as quietly as I can speak."
        )
    if _SLOW.match(words):
        return _faster(
            style,
            1 / FASTER,
            "Okay, I am speaking slower now.",
            "This is as slowly as I can speak.",
        )
    if _FAST.match(words):
        return _faster(
            style, FASTER, "Okay, I am speaking faster now.", "This is as fast as I can speak."
        )
    return None


def _louder(style: SpeechStyle, step: float, said: str, end: str) -> tuple[SpeechStyle, str]:
    volume = min(LOUDEST, max(SOFTEST, style.volume * step))
    return SpeechStyle(volume, style.rate), end if volume == style.volume else said


def _faster(style: SpeechStyle, step: float, said: str, end: str) -> tuple[SpeechStyle, str]:
    rate = min(FASTEST, max(SLOWEST, style.rate * step))
    return SpeechStyle(style.volume, rate), end if rate == style.rate else said

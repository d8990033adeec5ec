"""Normalizes an utterance for the rules of the abilities."""

from __future__ import annotations

import re

_CONTRACTIONS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"[’‘]", "'"),
        (r"\b(what|how|who|where|when|it|that|there|time)'s\b", r"\1 is"),
        (r"\bwhats\b", "what is"),
        (r"\bi'm\b", "i am"),
        (r"\b(you|we|they)'re\b", r"\1 are"),
        (r"\b(i|you|we|they)'ve\b", r"\1 have"),
        (r"\b(i|you|he|she|we|they|it|that)'ll\b", r"\1 will"),
        (r"\b(i|you|he|she|we|they)'d\b", r"\1 would"),
        (r"\bcan't\b", "can not"),
        (r"\bwon't\b", "will not"),
        (r"\b(\w+)n't\b", r"\1 not"),
        (r"\bdont\b", "do not"),
        (r"\blet's\b", "let us"),
        (r"\bo'? ?clock\b", "o'clock"),
        (r"\b([ap])\.? ?m\b\.?", r"\1m"),
        (r"(\d) ([ap]m)\b", r"\1\2"),
        (r"(?<=\d)[.h](?=\d\d(?:[ap]m)?\b)", ":"),
        (r"(?<=[a-z])-(?=[a-z])", " "),
        (r"(?<=\d)-(?=[a-z])", " "),
        (r"[^\w':/+.]+", " "),
        (r"(?<!\d)[:.]|[:.](?!\d)", " "),
    )
)
_OPENERS = re.compile(
    r"^(?:(?:hey|hi|hello|okay|ok|so|now|please|and|then|also|just|well|um|uh|er|oh|yes|yeah|no|"
    r"alright|right|sorry|excuse me|good (?:morning|evening|afternoon)|computer|assistant|robot|"
    r"actually|wait|listen|look|go ahead and) )+"
)
_COURTESIES = re.compile(
    r"^(?:(?:(?:thank you|thanks)(?: very much| so much| a lot| again)?(?: for (?:that|telling me|"
    r"the reminder|letting me know))?|(?:hey|hi|hello) (?:there|again)|i see|got it|understood|"
    r"(?:that is |that was |very |so |oh )?(?:great|good|perfect|wonderful|nice|excellent|lovely|"
    r"cool|fine|awesome|brilliant|super|fantastic|amazing|helpful)|sounds good|sure|all right|"
    r"very well|ah|aha|hm+|mm+|by the way|one (?:more|last) thing|another thing|my bad|"
    r"no worries|never mind(?! (?:what|how|when|which|where)\b)|"
    r"no problem|cheers(?: mate)?|ta|many thanks|nice one|of course|"
    r"sure thing|yep|yup|fair enough|good to know|that is it|exactly|(?:quick|one) question|"
    r"real quick|morning|evening|erm|sorry to bother you(?: but)?|(?:sorry )?i forgot|"
    r"if you do not mind|buddy|mate|"
    r"(?:thank you|thanks) (?:kindly|for (?:your help|that information))) )+"
    r"(?=(?:how|what|when|which|where|can|could|would|will|please|set|start|cancel|stop|delete|"
    r"remove|clear|remind|wake|turn|switch|tell|show|list|read|give|make|add|put|pause|count|"
    r"repeat|say|speak|and|so(?! much)|then|now|also|okay|well|i (?:want|need|would)|"
    r"(?:is|are|do|does|did) (?:my|the|there|any|it|you|i)|thank you|thanks)\b)"
)
"""What is said before a request, where one follows."""
_ASKING = re.compile(
    r"^(?:(?:can|could|would|will) you (?:please |kindly |maybe |just |perhaps )?(?:tell me |say |"
    r"let me know |know "
    r"|be so kind (?:as )?to |mind (?:telling (?:me|us) )?)?|"
    r"(?:i|we) (?:would like|want|need|would love) (?:you )?to "
    r"(?:please )?(?:(?:know|hear|see) (?:about )?(?=the|what|how|when|if|whether))?|"
    r"(?:i|we) (?:would like|want|need|have|must|gotta|really need|really want)(?: "
    r"to)? (?:know|hear|get|see) (?:about )?(?=the|what|how|when|today|tomorrow|an? )|(?:i|we) "
    r"(?:must|gotta|have to|really need to|need to) (?=set|start)|help me (?=set|start|remember|"
    r"make)|i (?:would like|want|need) |(?:tell|give) (?:me|us) |do you (?:happen to )?know |"
    r"i wonder |i (?:was|am)(?: just)? wondering |may i ask |"
    r"(?:would|do) you mind telling (?:me|us) |"
    r"(?:can|could|may) (?:i|we) (?:have|get|ask(?: you)?) |let me know |please )+"
)
_CLOSERS = re.compile(
    r"(?: (?:please|now|right now|thanks|thank you|for me|for us|currently|at the moment|again "
    r"please|then|will you|would you|could you|can you|okay|ok|if you can|if you could|mate|dear|"
    r"today please|my friend))+$"
)


_COURTESY = re.compile(
    r"^(?:(?:(?:thank you|thanks)(?: very much| so much| a lot| again)?|(?:that is |very |oh )?"
    r"(?:great|good|perfect|wonderful|nice|excellent|lovely|cool|fine|awesome|brilliant|super|fantastic)|okay|"
    r"ok|alright|all right|got it|i see|cheers|right|yes|sure|understood|hm+|mm+|aha?) ?)+$"
)


def is_courtesy(text: str) -> bool:
    """Whether `text` is a polite word and nothing else: "that's great, thanks"."""
    return _COURTESY.match(spelled(text)) is not None


def spelled(text: str) -> str:
    """`text` in lower case, with contractions written out, without punctuation except ":" in times,
    and with single blanks."""
    words = text.lower().strip()
    for pattern, written in _CONTRACTIONS:
        words = pattern.sub(written, words)
    return " ".join(words.split())


def bare(text: str) -> str:
    """`spelled` without polite phrases at the ends: "could you tell me what time it is, please" →
    "what time it is"."""
    words = spelled(text)
    for _ in range(3):
        words = _COURTESIES.sub("", _OPENERS.sub("", _COURTESIES.sub("", words)))
        words = _CLOSERS.sub("", _ASKING.sub("", words))
    return words.strip()

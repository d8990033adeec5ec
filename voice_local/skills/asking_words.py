"""Words by which people answer the question for a number, or do not."""

from __future__ import annotations

import re

YES = re.compile(
    r"\b(?:yes|yeah|yep|yup|ya|correct|right|exactly|sure|ok|okay|fine|perfect|indeed|absolutely|"
    r"affirmative|it is|that['’]?s (?:it|the one)|mhm|mm-?hm+|uh-?huh|you got it)\b",
    re.IGNORECASE,
)
NO = re.compile(
    r"\b(?:no|nope|nah|wrong|incorrect|not|isn['’]?t|negative|mistake)\b", re.IGNORECASE
)
PARTLY = re.compile(
    r"\b(?:but|except|last|first|instead|missing|forgot|second|third|middle)\b", re.IGNORECASE
)
LEAVE = re.compile(
    r"\b(?:never ?mind|forget (?:it|about it|that|the)|leave it|skip (?:it|that)|drop it|"
    r"(?:does ?n['’]?t|does not) matter|not now|no thanks?|no thank you|nothing|stop asking|"
    r"i changed my mind|let['’]?s not)\b",
    re.IGNORECASE,
)
WITHOUT = re.compile(
    r"\b(?:do ?n['’]?t|do not|can ?n?['’]?o?t|cannot|did ?n['’]?t|have ?n['’]?t|not) (?:really |"
    r"even |actually )?(?:have|know|find|remember|recall|got|get|see)\b"
    r"|\b(?:no idea|no clue|lost|not sure|there is (?:no|none)|i have no(?:ne)?)\b",
    re.IGNORECASE,
)
WAIT = re.compile(
    r"^\W*(?:please |just |um+ |uh+ |ok(?:ay)? |yes |sure )*(?:wait|hold on|hang on|(?:just |give "
    r"me )?(?:a|one) (?:moment|second|minute|sec)|let me (?:look|see|check|find|get))\b",
    re.IGNORECASE,
)
ANOTHER_REQUEST = re.compile(
    r"^\W*(?:(?:hey|so|and|okay|ok|please)\W+)*(?:what['’]?s?(?: is| are| time)?|how|who|why|when|"
    r"set|turn|switch|play|add|book|remind|tell me|call|wake)\b",
    re.IGNORECASE,
)
WHERE = re.compile(
    r"\b(?:what|which) (?:order )?(?:number|code)\b|\bwhere (?:do|can|would|could|should|is|"
    r"['’]?s)\b.*\b(?:find|see|get|it|number|that)\b",
    re.IGNORECASE,
)
ORDER_WORD = re.compile(r"\b(?:order|number|code|reference|it['’]?s|it is)\b", re.IGNORECASE)
IT = re.compile(r"\b(?:it|that|this)(?: one| order)?\b", re.IGNORECASE)

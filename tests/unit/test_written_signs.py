"""Signs, slashes, capitals and abbreviations in written English, in words; and what only looks like
them."""

from __future__ import annotations

import pytest

from voice_local.text.speech.speakable import speakable

pytestmark = pytest.mark.unit

CASES = {
    "signs with a meaning": [
        ("O- is the universal donor.", "O minus is the universal donor."),
        ("An AB- or O- blood type.", "An A B minus or O minus blood type."),
        (
            "Kids <12 free, adults >65 half.",
            "Kids less than twelve free, adults greater than sixty five half.",
        ),
        ("BP >140/90 is high.", "B P greater than one hundred forty over ninety is high."),
        ("Is x<y or x > y?", "Is x less than y or x greater than y?"),
        ("Use the name and <id> here.", "Use the name and id here."),
        ("I <3 NY, I love it <3", "I love N Y, I love it"),
        ("The # of users.", "The number of users."),
        ("I love you <3.", "I love you."),
        ("Rated ★★★★☆ by us.", "Rated four stars by us."),
        ("Rated 4.5★ by us.", "Rated four point five stars by us."),
        ("It's a 4★ hotel.", "It's a four star hotel."),
        ("★ First thing.", "First thing."),
        ("I ♥ NY.", "I love N Y."),
        ("I love you ♥", "I love you"),
    ],
    "keys": [
        ("Press 1, then #.", "Press one, then pound."),
        ("Press * then #.", "Press star then pound."),
        ("Press *.", "Press star."),
        ("Dial *67 first, then #31#.", "Dial star six seven first, then pound three one pound."),
        ("Press the # key.", "Press the pound key."),
        ("Use # for headings.", "Use hash for headings."),
        ("Press *OK* or *1* now.", "Press okay or one now."),
        ("I *really* like *5 apples* too.", "I really like five apples too."),
        ("You are #1, C# is not.", "You are number one, C sharp is not."),
    ],
    "options and paths": [
        ("Use --help or -v here.", "Use dash dash help or dash V here."),
        ("Run rm -rf /tmp now.", "Run rm dash R F slash T M P now."),
        ("Say npm install --save-dev now.", "Say npm install dash dash save dev now."),
        ("Use a /24 mask.", "Use a slash twenty four mask."),
        ("Yes -but why? The well -known one.", "Yes but why? The well known one."),
        ("Wait -- no.", "Wait, no."),
        ("It is $5 /month.", "It is five dollars per month."),
    ],
    "menus": [
        ("Go to Settings > General > About.", "Go to Settings, then General, then About."),
        ("Click File > Save As > PDF.", "Click File, then Save As, then P D F."),
        ("We had revenue > costs.", "We had revenue greater than costs."),
    ],
    "capitals": [
        ("DON'T PANIC!", "don't panic!"),
        ("You CAN'T do it.", "You can't do it."),
        ("YOU'RE RIGHT, THAT'S IT!", "you're right, that's it!"),
        ("I'M SURE IT'S OK.", "I'm sure it's okay."),
        ("JOHN'S HOUSE IS BIG.", "john's house is big."),
        ("The FBI'S case.", "The F B I's case."),
        ("THE US AND UK AGREE.", "the U S and U K agree."),
        ("GIVE US THE MONEY AND TELL US NOW.", "give us the money and tell us now."),
    ],
    "words with a slash": [
        ("He/she can do it.", "He or she can do it."),
        ("Say yes/no or pass/fail.", "Say yes or no or pass or fail."),
        ("It is and/or, w/o, w/in.", "It is and or, without, within."),
        ("Do A/B testing.", "Do A B testing."),
        ("Use TCP/IP and CI/CD.", "Use T C P I P and C I C D."),
        ("On Mon/Wed/Fri.", "On Monday, Wednesday, Friday."),
        ("A red/green/blue one.", "A red, green or blue one."),
        ("It is either/or, she/her.", "It is either or, she her."),
        ("Drive 20 miles/hour.", "Drive twenty miles per hour."),
        ("Plan A/Plan B.", "Plan A or Plan B."),
        ("A work/life balance.", "A work life balance."),
        ("A singer/songwriter.", "A singer songwriter."),
        ("Ask Mr./Ms. Lee.", "Ask Mr. or Mizz Lee."),
        ("Open src/main/java now.", "Open S R C slash main slash java now."),
        (
            "Run scripts/setup or docker/voice-local.service.",
            "Run scripts slash setup or docker slash voice-local.service.",
        ),
        ("See r/AskReddit.", "See r slash AskReddit."),
        (
            "At 180°C/350°F.",
            "At one hundred eighty degrees Celsius, three hundred fifty degrees Fahrenheit.",
        ),
    ],
    "numbers with a slash": [
        ("It is 120/80 mmHg.", "It is one hundred twenty over eighty millimeters of mercury."),
        ("A 50/60 Hz line.", "A fifty or sixty hertz line."),
        ('A 5/16" bolt.', "A five sixteenths inch bolt."),
        ("At 1/250 s.", "At one two hundred fiftieth of a second."),
        ("She had 18/20 correct.", "She had eighteen out of twenty correct."),
        (
            "He scored 20/25 and 45/60.",
            "He scored twenty out of twenty five and forty five out of sixty.",
        ),
        ("I got 5/8 inch bolts, 1/2 V.", "I got five eighths inch bolts, one half volt."),
        ("A 1/2000 chance.", "A one over two thousand chance."),
        ("I got 1/2 of it.", "I got one half of it."),
        ("See page 2/10.", "See page two of ten."),
        ("About 2/3 of it, a 6/8 time.", "About two thirds of it, a six eighths time."),
        ("12/25 is Christmas.", "December twenty fifth is Christmas."),
        ("It was 03/15 or 05/2024.", "It was March fifteenth or May twenty twenty four."),
        ("24/60 is 2/5 here.", "twenty four sixtieths is two fifths here."),
        ("Elections in 2025/26.", "Elections in twenty twenty five twenty six."),
        ("The lens is f/1.8.", "The lens is F one point eight."),
    ],
    "abbreviations": [
        ("See vol. II, Ch. IX.", "See volume two, Chapter nine."),
        ("Take Hwy. 1 or Rte. 66.", "Take Highway one or Route sixty six."),
        ("See para. 3 of it.", "See paragraph three of it."),
        ("Est. in 1985, est. $5.", "Established in nineteen eighty five, estimated five dollars."),
        ("Est. arrival in the 3rd c. BC.", "Estimated arrival in the third century B C."),
        ("b. 1920, d. 1999", "born nineteen twenty, died nineteen ninety nine"),
        ("Ask Amb. Lee or Pvt. Ray.", "Ask Ambassador Lee or Private Ray."),
        ("She left the U.S. They did not.", "She left the U S. They did not."),
        ("The U.S. Senate met.", "The U S Senate met."),
    ],
    "names": [
        ("Use a .pdf or .docx file.", "Use a dot P D F or dot docx file."),
        ("The .mp4 and the .com domain.", "The dot M P four and the dot com domain."),
        ("Take .5 of it.", "Take point five of it."),
        ("Use the hashtag #MeToo.", "Use the hashtag Me Too."),
        ("Use #MeToo.", "Use hashtag Me Too."),
        ("Tweet it at @home.", "Tweet it at home."),
        ("Ask @jane_doe.", "Ask at jane underscore doe."),
    ],
    "days": [
        (
            "Open Mon, Wed, Fri and Sat & Sun.",
            "Open Monday, Wednesday, Friday and Saturday and Sunday.",
        ),
        ("Fri & Sat, Sun–Thu", "Friday and Saturday, Sunday to Thursday"),
        ("Sat: closed. Sun: a star.", "Saturday: closed. Sun: a star."),
        ("On Sat., Dec. 7, we met.", "On Saturday, December seventh, we met."),
        ("It meets Mon. and Thurs.", "It meets Monday and Thursday."),
        ("See you on Wed or in the Sun.", "See you on Wednesday or in the Sun."),
        ("We sat and wed.", "We sat and wed."),
    ],
}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(*case, id=f"{kind}:{case[0][:40]!r}")
        for kind, cases in CASES.items()
        for case in cases
    ],
)
def test_cases(written: str, said: str) -> None:
    assert speakable(written) == said
    assert speakable(said) == said


def test_stars_are_left_out_in_other_languages() -> None:
    assert speakable("★ Hotel ★★★ muy bueno ♥", "es") == "Hotel muy bueno"

"""Numbers that need what stands beside them: durations, units, dimensions, addresses, codes, ranges;
and what only looks like them."""

from __future__ import annotations

import pytest

from voice_local.text.speech.speakable import speakable

pytestmark = pytest.mark.unit

CASES = {
    "durations": [
        ("It takes 1h 30m.", "It takes one hour thirty minutes."),
        ("It takes 1h30m now.", "It takes one hour thirty minutes now."),
        ("Bake for 1 h 30 m here.", "Bake for one hour thirty minutes here."),
        ("Set it for 1m 30s.", "Set it for one minute thirty seconds."),
        ("It is 30 m high, 2 h away.", "It is thirty meters high, two hours away."),
        ("It is 5m 20cm.", "It is five meters twenty centimeters."),
        ("He ran it in 25:30.", "He ran it in twenty five thirty."),
        ("It took 45:05, not 45:00.", "It took forty five oh five, not forty five minutes."),
        ("The ratio is 25:30.", "The ratio is twenty five to thirty."),
        ("A 60:40 split, a 3:1 win.", "A sixty to forty split, a three to one win."),
        (
            "We won 25:20, he won in 25:30.",
            "We won twenty five to twenty, he won in twenty five thirty.",
        ),
        ("A pace of 5:30/km.", "A pace of five thirty per kilometer."),
        ("At 14:30 or 23:59.", "At fourteen thirty or twenty three fifty nine."),
    ],
    "verses": [
        ("Read Psalm 23:4 now.", "Read Psalm twenty three four now."),
        ("Matthew 5:3-12 is short.", "Matthew five three to twelve is short."),
        ("See 1 Cor. 13:4-7.", "See First Corinthians thirteen four to seven."),
        ("Ask Dan 5:30.", "Ask Dan five thirty."),
        ("Josh. 1:9 is it.", "Joshua one nine is it."),
        ("Ask John at 5:30.", "Ask John at five thirty."),
    ],
    "round plurals": [
        ("We saw 100s of cars.", "We saw hundreds of cars."),
        ("1,000s and 10s of thousands.", "thousands and tens of thousands."),
        ("Wait 100s, in the 2000s.", "Wait one hundred seconds, in the two thousands."),
    ],
    "units": [
        (
            "It has 200 Nm, not 550 nm.",
            "It has two hundred newton meters, not five hundred fifty nanometers.",
        ),
        ("Give 5 mg/kg/day.", "Give five milligrams per kilogram per day."),
        ("It is 5 mmol/L now.", "It is five millimoles per liter now."),
        ("It needs 6.7 L/100 km.", "It needs six point seven liters per one hundred kilometers."),
        ("It gets 35 mpg and 10 hp.", "It gets thirty five miles per gallon and ten horsepower."),
        ("Add 16 fl oz, 10 yds.", "Add sixteen fluid ounces, ten yards."),
        ("A force of 50 N.", "A force of fifty newtons."),
        ("At 1 atm, at 1 ATM.", "At one atmosphere, at one A T M."),
        ("It has 400 lb-ft of it.", "It has four hundred pound feet of it."),
        ("He is 5 ft 10 in tall.", "He is five feet ten inches tall."),
        ("It is 6.1 in wide, 3 in a row.", "It is six point one inches wide, three in a row."),
        ("A 12-in. pan, a 1-in-5 chance.", "A twelve inch pan, a one in five chance."),
        ("1 in = 2.54 cm", "one inch equals two point five four centimeters"),
        ("5 ft. 6 in. or 1 c. sugar.", "five feet six inches or one cup sugar."),
        ("Use mL/min or and/or.", "Use milliliters per minute or and or."),
    ],
    "degrees": [
        ("Section 5 F, a low of 45 C-suite.", "Section five F, a low of forty five C-suite."),
        ("Bake at 375F.", "Bake at three hundred seventy five degrees Fahrenheit."),
        (
            "At 400F (200C).",
            "At four hundred degrees Fahrenheit (two hundred degrees Celsius).",
        ),
        ("Room 404F, seat 14C.", "Room four zero four F, seat fourteen C."),
        ("At 40.7° N, 74° W.", "At forty point seven degrees north, seventy four degrees west."),
        ("It is 20°–25° here.", "It is twenty to twenty five degrees here."),
        (
            "At 40°42′46″N it is.",
            "At forty degrees forty two minutes forty six seconds north it is.",
        ),
    ],
    "dimensions": [
        ("It is 30 × 20 × 10 cm.", "It is thirty by twenty by ten centimeters."),
        ("Use 60cm x 90cm.", "Use sixty centimeters by ninety centimeters."),
        ("A 10' x 12' room.", "A ten foot by twelve foot room."),
        ('It\'s 8.5" × 11" paper.', "It's eight point five inch by eleven inch paper."),
        ("He is 6' tall.", "He is six feet tall."),
        ("A 2 x 4 in the garage.", "A two by four in the garage."),
        ("A 4 × 6 photo.", "A four by six photo."),
        (
            "6 × 7 = 42, 3 × 4 is 12.",
            "six times seven equals forty two, three times four is twelve.",
        ),
        ("It is 3x faster, 3 × daily.", "It is three times faster, three times daily."),
        ('He said "about 16" to me.', 'He said "about sixteen" to me.'),
    ],
    "addresses": [
        ("I live in Portland, OR.", "I live in Portland, Oregon."),
        (
            "From Indianapolis, IN and Honolulu, HI.",
            "From Indianapolis, Indiana and Honolulu, Hawaii.",
        ),
        ("Chicago, IL 60601", "Chicago, Illinois six zero six zero one"),
        (
            "In Cupertino, CA 95014-2083.",
            "In Cupertino, California nine five zero one four, two zero eight three.",
        ),
        ("Sure, OK. Yes, OK.", "Sure, okay. Yes, okay."),
        ("Get it for Mom, OK?", "Get it for Mom, okay?"),
        ("To Boston, LA, and Miami.", "To Boston, L A, and Miami."),
        ("Jane Smith, MD is here.", "Jane Smith, M D is here."),
        ("CALL ME IN TOWN, OR ELSE.", "call me in town, or else."),
        ("Your ID 12345 is new.", "Your I D twelve thousand three hundred forty five is new."),
        ("Take I-5 N. to it.", "Take I five North to it."),
        ("At 42 N. Main St., now.", "At forty two North Main Street, now."),
        ("On Oak Ave NW.", "On Oak Avenue Northwest."),
    ],
    "codes": [
        ("Error 0x1F here.", "Error zero X one F here."),
        ("An i7-13700K.", "An I seven one three seven zero zero K."),
        ("A Boeing 737-800.", "A Boeing seven thirty seven eight hundred."),
        ("Pages 737-750.", "Pages seven hundred thirty seven to seven hundred fifty."),
        ("EIN 12-3456789.", "E I N one two, three four five six seven eight nine."),
        ("My 401(k), rule 34(b).", "My four oh one K, rule thirty four(b)."),
        (
            "Text 741741 or 50409.",
            "Text seven four one seven four one or five zero four zero nine.",
        ),
        ("Call 911 or 112.", "Call nine one one or one one two."),
        ("Call 116 117.", "Call one one six one one seven."),
        ("112 people called 300 times.", "one hundred twelve people called three hundred times."),
        (
            "DE89 3704 0044 0532 0130 00",
            "D E eight nine, three seven zero four, zero zero four four, zero five three two, "
            "zero one three zero, zero zero",
        ),
        ("On 03-15-2024.", "On March fifteenth, twenty twenty four."),
        ("Take H2SO4 and Fe2O3.", "Take H two S O four and F E two O three."),
        ("It is 00:1A:2B here.", "It is zero zero, one A, two B here."),
        ("At localhost:3000.", "At localhost colon three zero zero zero."),
    ],
    "ranges": [
        ("From Aug 15–Sept 3.", "From August fifteenth to September third."),
        ("Closed 15 Aug – 3 Sept.", "Closed the fifteenth of August to the third of September."),
        ("Sunday - June 5 is it.", "Sunday, June fifth is it."),
        ("It is $100M–$150M.", "It is one hundred to one hundred fifty million dollars."),
        ("$900K–$1.2M", "nine hundred thousand to one point two million dollars"),
        ("About 5K–10K steps.", "About five to ten thousand steps."),
        ("The 1st–3rd places.", "The first to third places."),
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

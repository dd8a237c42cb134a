"""How English says days, hours and amounts: the tables of the time grammar. Data only, lower case."""

from __future__ import annotations

WEEKDAYS: dict[str, int] = {
    **dict.fromkeys(("monday", "mondays", "mon"), 0),
    **dict.fromkeys(("tuesday", "tuesdays", "tues", "tue"), 1),
    **dict.fromkeys(("wednesday", "wednesdays", "wed"), 2),
    **dict.fromkeys(("thursday", "thursdays", "thurs", "thur", "thu"), 3),
    **dict.fromkeys(("friday", "fridays", "fri"), 4),
    **dict.fromkeys(("saturday", "saturdays", "sat"), 5),
    **dict.fromkeys(("sunday", "sundays", "sun"), 6),
}
DOUBTFUL_WEEKDAYS = ("sat", "sun", "wed", "mon")
"""Also words or names: they count only beside another piece of time, behind a preposition, or alone."""
MONTHS: dict[str, int] = {
    **dict.fromkeys(("january", "jan"), 1), **dict.fromkeys(("february", "feb", "febr"), 2), **dict.fromkeys(("march", "mar"), 3),
    **dict.fromkeys(("april", "apr"), 4), "may": 5, **dict.fromkeys(("june", "jun"), 6), **dict.fromkeys(("july", "jul"), 7),
    **dict.fromkeys(("august", "aug"), 8), **dict.fromkeys(("september", "sept", "sep"), 9), **dict.fromkeys(("october", "oct"), 10),
    **dict.fromkeys(("november", "nov"), 11), **dict.fromkeys(("december", "dec"), 12),
}  # fmt: skip
NUMBERS: dict[str, float] = {
    word: float(n)
    for n, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
    )
} | {
    "a": 1, "an": 1, "thirty": 30, "forty": 40, "forty-five": 45, "forty five": 45, "fifty": 50, "sixty": 60, "ninety": 90, "half a": 0.5,
    "half an": 0.5, "a half": 0.5, "half": 0.5, "a couple of": 2, "a couple": 2, "couple of": 2, "couple": 2, "another": 1, "a quarter of an": 0.25,
    "a quarter": 0.25, "quarter of an": 0.25, "three quarters of an": 0.75, "one and a half": 1.5, "two and a half": 2.5, "three and a half": 3.5,
    "twenty-five": 25, "twenty five": 25, "twenty-four": 24, "forty-eight": 48, "thirty-six": 36, "1 1/2": 1.5, "1/2": 0.5,
}  # fmt: skip
ORDINALS: dict[str, int] = {
    word: n
    for n, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"],
        1,
    )
} | {f"twenty-{word}": 20 + n for n, word in enumerate(["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"], 1)} | {
    f"twenty {word}": 20 + n for n, word in enumerate(["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"], 1)
} | {
    "thirtieth": 30, "thirty-first": 31, "thirty first": 31, "last": -1,
}  # fmt: skip
MINUTES: dict[str, int] = {
    "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "twenty-five": 25, "twenty five": 25, "thirty": 30, "thirty-five": 35, "forty": 40,
    "forty-five": 45, "forty five": 45, "fifty": 50, "fifty-five": 55, "oh five": 5, "a quarter": 15, "quarter": 15, "half": 30,
    "5": 5, "10": 10, "15": 15, "20": 20, "25": 25,
}  # fmt: skip
UNITS: dict[str, str] = {
    **dict.fromkeys(("seconds", "second", "secs", "sec"), "second"),
    **dict.fromkeys(("minutes", "minute", "min", "mins", "m"), "minute"),
    **dict.fromkeys(("hours", "hour", "hrs", "hr", "h"), "hour"),
    **dict.fromkeys(("days", "day", "d", "calendar days", "calendar day", "nights", "night", "sleeps"), "day"),
    **dict.fromkeys(("weeks", "week", "wks", "wk", "w"), "week"),
    **dict.fromkeys(("fortnights", "fortnight"), "fortnight"),
    **dict.fromkeys(("months", "month", "mths", "mth", "mo"), "month"),
    **dict.fromkeys(("quarters",), "quarter"),
    **dict.fromkeys(("years", "year", "yrs", "yr"), "year"),
    **dict.fromkeys(
        (
            "working days",
            "working day",
            "business days",
            "business day",
            "workdays",
            "workday",
            "work days",
            "work day",
            "weekdays",
            "bdays",
            "wd",
        ),
        "workday",
    ),
}
PARTS: dict[str, str] = {
    "first thing in the morning": "start", "first thing": "start", "start of business": "start", "start of the day": "start", "sob": "start",
    "when they open": "start", "when the office opens": "start", "when i start work": "start", "opening time": "start", "start of work": "start",
    "when offices open": "start", "when they start work": "start", "beginning of the day": "start", "start of day": "start",
    "early in the morning": "early", "early morning": "early", "crack of dawn": "dawn", "at dawn": "dawn", "middle of the night": "small-hours", "bright and early": "early",
    "breakfast time": "early", "breakfast": "early",
    "late morning": "late-morning", "later in the morning": "late-morning", "mid-morning": "mid-morning", "mid morning": "mid-morning",
    "midmorning": "mid-morning", "morning": "morning", "mornin": "morning", "forenoon": "morning",
    "before lunch": "before-lunch", "lunchtime": "noon", "lunch time": "noon", "lunch break": "noon", "over lunch": "noon", "at lunch": "noon",
    "after lunch": "after-lunch", "early afternoon": "after-lunch", "early in the afternoon": "after-lunch",
    "mid-afternoon": "mid-afternoon", "mid afternoon": "mid-afternoon", "late afternoon": "late-afternoon",
    "late in the afternoon": "late-afternoon", "later in the afternoon": "late-afternoon", "teatime": "late-afternoon",
    "afternoon": "afternoon", "afternoons": "afternoon", "mornings": "morning", "evenings": "evening",
    "end of the working day": "close", "end of the business day": "close", "end of business day": "close", "end of business": "close",
    "close of business": "close", "close of play": "close", "end of play": "close", "end of the workday": "close", "end of today": "close", "end of the work day": "close", "end of work": "close", "end of the day": "close",
    "end of day": "close", "day's end": "close", "last thing": "close", "eod": "close", "cob": "close", "cop": "close", "eob": "close", "closing time": "close", "close of day": "close",
    "before i leave work": "close", "before i leave the office": "close", "before they leave": "close", "knocking off": "close",
    "before they close": "close", "before i go home": "close", "before the end of the day": "close", "quitting time": "close",
    "after work": "after-work", "after hours": "after-work", "after office hours": "after-work", "early evening": "after-work",
    "after close of business": "after-work", "after dinner": "after-dinner", "dinner time": "evening", "dinnertime": "evening",
    "at dinner": "evening", "late evening": "late-evening", "evening": "evening", "night": "evening", "at night": "evening", "late at night": "late-evening",
    "late night": "late-evening", "bedtime": "late-evening", "before bed": "late-evening", "sunset": "after-work",
}  # fmt: skip

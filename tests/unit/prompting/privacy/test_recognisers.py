"""Each kind of personal data is recognised by its form and its checksum; what only looks like it is left alone.

All numbers are made up or the published examples of the schemes; the domains are reserved for documentation.
"""

from __future__ import annotations

import pytest

from labelwright.prompting.privacy.find import find

FOUND = [
    ("EMAIL", "zoe.o'brien+lists@mail.example.org"),
    ("EMAIL", "jürgen@bücher.example"),
    ("EMAIL", "bob [at] example [dot] org"),
    ("EMAIL", "bob(at)example.org"),
    ("PHONE", "+1 (212) 555-0123"),
    ("PHONE", "+44 20 7946 0958"),
    ("PHONE", "+4915112345678"),
    ("PHONE", "0049 30 1234567"),
    ("PHONE", "(212) 555-0123"),
    ("PHONE", "212-555-0123"),
    ("PHONE", "212.555.0123"),
    ("PHONE", "030/1234567"),
    ("PHONE", "0151 12345678"),
    ("PHONE", "07911 123456"),
    ("PHONE", "01 23 45 67 89"),
    ("CARD", "4111 1111 1111 1111"),
    ("CARD", "5555555555554444"),
    ("CARD", "3782-822463-10005"),
    ("CARD", "２１１１".translate({0xFF12: "4", 0xFF11: "1"}) + "111111111111"),
    ("IBAN", "DE89 3704 0044 0532 0130 00"),
    ("IBAN", "gb29nwbk60161331926819"),
    ("IBAN", "FR14 2004 1010 0505 0001 3M02 606"),
    ("IP", "203.0.113.7"),
    ("IP", "2001:db8::ff00:42:8329"),
    ("URL", "https://admin:hunter2@db.example.org/path?x=1"),
    ("SSN", "078-05-1120"),
    ("NINO", "QQ 12 34 56 C".replace("QQ", "AB")),
    ("ID", "86095742719"),
    ("ID", "12345678Z"),
    ("ID", "1 85 05 78 006 084 91"),
    ("ID", "RSSMRA85T10A562S"),
    ("ID", "44051401359"),
    ("ID", "811218-9876"),
    ("ID", "529.982.247-25"),
    ("ID", "2341 2341 2346"),
    ("ID", "11010519491231002X"),
    ("SECRET", "sk-proj-abcdefghijklmnop1234"),
    ("SECRET", "AKIAIOSFODNN7EXAMPLE"),
    ("SECRET", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("SECRET", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlc2ln"),
]

CUED = [
    ("BIRTHDATE", "She was born on {} in Ulm.", "12 March 1985"),
    ("BIRTHDATE", "DOB: {}.", "03/04/1971"),
    ("BIRTHDATE", "geboren am {} in Bonn", "3. März 1971"),
    ("BIRTHDATE", "Born {}, she", "March 12, 1985"),
    ("SECRET", "the password is {} by the way", "hunter2!x"),
    ("SECRET", 'api_key = "{}"', "f3a9c2e1b7"),
    ("SECRET", "Authorization: Bearer {}", "abc123def456ghi789"),
    ("PHONE", "call me at {} tonight", "2125550123"),
    ("PHONE", "Handy: {}", "1511 2345678"),
    ("SSN", "my social security number: {}", "078051120"),
]

LEFT = [
    "I paid 20 dollars in 2019, 4.5 stars, 100% recommended; 12:30:45 on 2024-01-31.",
    "Version 1.2.3 at 127.0.0.1:8080; order 1234567.",
    "Card 4111 1111 1111 1112 has a wrong check digit.",
    "IBAN GB28NWBK60161331926819 too.",
    "Tax number 86095742718, SSN 000-12-3456, 666-12-3456.",
    "The meeting is on 01.02.2024 at 10:30, and 01/02/2024 10:30 again.",
    "pi is 3.14159265358979, a unix time is 1700000000000, ISBN 978-3-16-148410-0.",
    "std::vector and a::b, dead::beef, 12:34.",
    "The secret is patience; a token effort; pass the salt: please.",
    "@user follow me @ home, see https://example.org/a?b=c#d",
    "He was born in a small town in 1985; the act was born of need.",
    "1,234,567,890 people; 12345678901234567890123456789012345 atoms.",
    "The ratio 0.4111111111111111 is no card.",
]


@pytest.mark.parametrize(("kind", "value"), FOUND)
@pytest.mark.parametrize("frame", ["{}", "🙂 {} 🙂", "Write to {}, please.", "({})", "a\n{}\nb", "is it:{}?"])
def test_personal_data_is_found_where_it_stands(kind: str, value: str, frame: str) -> None:
    text = frame.format(value)
    start = text.index(value)
    assert [(one.kind, one.start, one.end) for one in find(text)] == [(kind, start, start + len(value))]


@pytest.mark.parametrize(("kind", "frame", "value"), CUED)
def test_a_cue_word_gives_away_what_has_no_form_of_its_own(kind: str, frame: str, value: str) -> None:
    text = frame.format(value)
    start = text.index(value)
    assert [(one.kind, one.start, one.end) for one in find(text)] == [(kind, start, start + len(value))]


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert [(one.kind, text[one.start : one.end]) for one in find(text)] == []


def test_what_overlaps_is_one_stretch_and_nothing_of_it_is_left() -> None:
    text = "https://bob:pw1234@example.org/?mail=bob@example.org"
    assert [(one.kind, one.start, one.end) for one in find(text)] == [("URL", 0, len(text))]


def test_a_private_key_is_taken_out_whole() -> None:
    text = "before -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY----- after"
    assert [(one.kind, text[: one.start], text[one.end :]) for one in find(text)] == [("SECRET", "before ", " after")]

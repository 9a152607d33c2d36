"""The check digits of numbers that name people, accounts and cards. Each takes bare ASCII characters, no separators."""

from __future__ import annotations

from collections.abc import Sequence

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN by country. Source: SWIFT IBAN registry."""

_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_CODICE_ODD = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
    10, 22, 25, 24, 23,
)  # fmt: skip
"""What 0–9, A–Z count at odd places of a codice fiscale."""
_VERHOEFF_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_VERHOEFF_P = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def luhn(digits: str) -> bool:
    """Check a card number, a Swedish personal number.

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card(digits: str) -> bool:
    """Check a payment card: Luhn, and a length and first digits that are issued."""
    n, two, four = len(digits), int(digits[:2]), int(digits[:4])
    issued = (
        (digits[0] == "4" and n in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and n == 16)
        or (two in (34, 37) and n == 15)
        or (two in (36, 38, 39) and n == 14)
        or (two in (35, 60, 62, 64, 65, 81) and 16 <= n <= 19)
        or (two in (50, 56, 57, 58, 63, 67) and 13 <= n <= 19)
    )
    return issued and luhn(digits)


def iban(text: str) -> bool:
    """Check an account number: ISO 13616, mod 97, and its country's length.

    >>> iban("DE89370400440532013000"), iban("DE88370400440532013000")
    (True, False)
    """
    upper = text.upper()
    if IBAN_LENGTHS.get(upper[:2]) != len(upper):
        return False
    return int("".join(str(int(c, 36)) for c in upper[4:] + upper[:4])) % 97 == 1


def us_ssn(digits: str) -> bool:
    """Check a US social security number: no check digit, but areas, groups and serials that are never issued."""
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def uk_nino(text: str) -> bool:
    """Check a UK national insurance number's prefix; the pattern sees to the rest."""
    return text[:2].upper() not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def german_tax_id(digits: str) -> bool:
    """Check a German tax identification number: ISO 7064 mod 11,10, and one digit twice or three times.

    >>> german_tax_id("86095742719"), german_tax_id("86095742718")
    (True, False)
    """
    if digits[0] == "0" or max(digits[:10].count(d) for d in set(digits[:10])) not in (2, 3):
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def spanish_dni(text: str) -> bool:
    """Check a Spanish DNI or NIE: its letter is the number mod 23."""
    upper = text.upper()
    number = {"X": "0", "Y": "1", "Z": "2"}.get(upper[0], upper[0]) + upper[1:-1]
    return _DNI[int(number) % 23] == upper[-1]


def french_nir(text: str) -> bool:
    """Check a French social security number: 97 minus the number mod 97; Corsica's letters stand for digits."""
    number = text[:13].upper().replace("2A", "19").replace("2B", "18")
    return number.isdecimal() and 97 - int(number) % 97 == int(text[13:15])


def italian_codice(text: str) -> bool:
    """Check an Italian codice fiscale by its last letter.

    >>> italian_codice("RSSMRA85T10A562S"), italian_codice("RSSMRA85T10A562T")
    (True, False)
    """
    upper = text.upper()
    even = sum(int(c, 36) - (0 if c.isdigit() else 10) for c in upper[1:15:2])
    return chr(ord("A") + (even + sum(_CODICE_ODD[int(c, 36)] for c in upper[0:15:2])) % 26) == upper[15]


def polish_pesel(digits: str) -> bool:
    """Check a Polish PESEL: weighted sum, and a month and day that exist."""
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    return 1 <= month <= 12 and 1 <= day <= 31 and _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def swedish_number(digits: str) -> bool:
    """Check a Swedish personal number of ten digits: Luhn, and a month and day that exist."""
    return 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) % 60 <= 31 and luhn(digits)


def brazilian_cpf(digits: str) -> bool:
    """Check a Brazilian CPF: two check digits.

    >>> brazilian_cpf("52998224725"), brazilian_cpf("52998224726")
    (True, False)
    """
    if len(set(digits)) == 1:
        return False
    first = _weighted(digits[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = _weighted(digits[:10], range(11, 1, -1)) * 10 % 11 % 10
    return digits[9:] == f"{first}{second}"


def indian_aadhaar(digits: str) -> bool:
    """Check an Indian Aadhaar number: Verhoeff, and a first digit from 2."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _VERHOEFF_D[check][_VERHOEFF_P[place % 8][int(digit)]]
    return check == 0 and int(digits[0]) >= 2


def chinese_id(text: str) -> bool:
    """Check a Chinese resident number of 18 characters: ISO 7064 mod 11-2, and a month and day that exist."""
    if not (1 <= int(text[10:12]) <= 12 and 1 <= int(text[12:14]) <= 31):
        return False
    total = sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17].upper()


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True))

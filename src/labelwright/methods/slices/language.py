"""What script a text is in, and a modest guess at its language from the small words every sentence has."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_MOST_CHARACTERS = 2_000
_WORD = re.compile(r"[^\W\d_]+")

# The commonest words of each language; a word that several share speaks for none of them alone.
_STOP_WORDS = {
    "English": "the and of to is that it for was with as on are this be at have not they from you but which what",
    "German": "der die das und ist nicht ein eine zu den mit sich auf für im dem von es auch wird sind wie noch wir",
    "French": "le les des est une pas pour dans qui que sur avec du au ce il plus sont nous vous cette mais être",
    "Spanish": "el los las es una por con para del que se su lo como más pero sus muy está son fue este ha todo",
    "Italian": "il di che è per una non con sono della nel alla più anche gli dei ma questo come delle ha si era",
    "Portuguese": "não uma para com os do da em um são mais das dos por ao mas foi muito ele isso também à pelo",
    "Dutch": "de het een van is niet dat zijn op voor met te er ook maar aan om bij wordt deze naar heeft nog wel",
    "Polish": "nie się na jest że do to jak ale po od za czy tak przez dla był tylko jego są które już może",
    "Swedish": "och att det som är på inte för med har av jag till den om ett men var så från kan ska alla",
    "Turkish": "bir ve bu için çok da ne ile daha gibi ama var olarak kadar sonra olan ben değil mi en her şey",
    "Indonesian": "yang dan di itu dengan untuk tidak ini dari dalam akan pada saya juga ke karena ada kami sudah",
    "Vietnamese": "và của là không có được cho một những với các này người trong đã khi để như rất tôi cũng",
}
_LANGUAGE_OF_SCRIPT = {
    "Hangul": "Korean",
    "Hiragana": "Japanese",
    "Katakana": "Japanese",
    "Thai": "Thai",
    "Greek": "Greek",
    "Hebrew": "Hebrew",
}
_OTHER_SCRIPTS = {"Cjk": "Han"}
_FEWEST_WORDS = 2


def script_of(text: str) -> str | None:
    """Name the script of most letters; None when there is no letter.

    >>> script_of("Привет!"), script_of("hello"), script_of("42"), script_of("東京です")
    ('Cyrillic', 'Latin', None, 'Japanese')
    """
    counts: Counter[str] = Counter()
    for letter in text[:_MOST_CHARACTERS]:
        script = _script_of_letter(letter)
        if script is not None:
            counts[script] += 1
    if not counts:
        return None
    if counts["Hiragana"] + counts["Katakana"] >= 0.15 * sum(counts.values()):
        return "Japanese"  # Japanese mixes its own signs with Han
    return min(counts, key=lambda name: (-counts[name], name))


@lru_cache(maxsize=4_096)
def _script_of_letter(letter: str) -> str | None:
    if not letter.isalpha():
        return None
    first = unicodedata.name(letter, "").split(" ")[0].capitalize()
    return _OTHER_SCRIPTS.get(first, first or None)


def language_of(text: str) -> str | None:
    """Guess the language; None when the text does not say, which is better than a wrong guess.

    Twelve languages in Latin script are told by their small words, and a few others by their script. A guess wants at
    least two such words and a clear lead over the second language. It is no classifier: metadata that names the
    language is to be preferred.

    >>> language_of("The parcel was late and nobody told me"), language_of("Das Paket ist nicht da")
    ('English', 'German')
    >>> language_of("OK"), language_of("한국어 문장입니다")
    (None, 'Korean')
    """
    script = script_of(text)
    if script is None:
        return None
    if script == "Japanese":
        return "Japanese"
    if script != "Latin":
        return _LANGUAGE_OF_SCRIPT.get(script)
    counts: Counter[str] = Counter()
    for word in _WORD.findall(unicodedata.normalize("NFC", text[:_MOST_CHARACTERS]).casefold()):
        for language in _speaks_for().get(word, ()):
            counts[language] += 1
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < _FEWEST_WORDS:
        return None
    second = ranked[1][1] if len(ranked) > 1 else 0
    return ranked[0][0] if ranked[0][1] >= 1.5 * second else None


@lru_cache(maxsize=1)
def _speaks_for() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, words in _STOP_WORDS.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), language)
    return found

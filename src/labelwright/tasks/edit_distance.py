"""How far apart two texts are, and where in a long text something like a short one stands."""

from __future__ import annotations


def edit_distance(a: str, b: str) -> int:
    """Count the insertions, deletions and substitutions of code points that turn one text into the other.

    One column of the table is two integers of len(a) bits, so that texts of thousands of characters take milliseconds.
    Source: Hyyrö (2003), "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", figure 3.

    >>> edit_distance("kitten", "sitting")
    3
    """
    if not a or not b:
        return len(a) or len(b)
    return _scores(a, b, free_start=False)[-1]


def ends_within(pattern: str, text: str, most: int) -> dict[int, int]:
    """Give each place where an approximate occurrence of the pattern ends (exclusive) -> its edit distance, <= most.

    Source: Myers (1999), "A fast bit-vector algorithm for approximate string matching", J. ACM 46(3).

    >>> ends_within("colour", "the color red", 1)
    {9: 1}
    """
    if not pattern:
        return {}
    return {end: score for end, score in enumerate(_scores(pattern, text, free_start=True)) if score <= most}


def _scores(pattern: str, text: str, *, free_start: bool) -> list[int]:
    """Give the last row of the table; entry j is for the first j characters of the text."""
    length = len(pattern)
    everything = (1 << length) - 1
    last = 1 << (length - 1)
    places: dict[str, int] = {}
    for place, character in enumerate(pattern):
        places[character] = places.get(character, 0) | 1 << place
    plus, minus, score = everything, 0, length
    scores = [score]
    for character in text:
        equal = places.get(character, 0)
        diagonal = ((((equal & plus) + plus) ^ plus) | equal | minus) & everything
        rises = (minus | ~(diagonal | plus)) & everything
        falls = plus & diagonal
        if rises & last:
            score += 1
        elif falls & last:
            score -= 1
        rises = (rises << 1) & everything
        falls = (falls << 1) & everything
        if not free_start:
            rises |= 1
        plus = (falls | ~(diagonal | rises)) & everything
        minus = rises & diagonal
        scores.append(score)
    return scores

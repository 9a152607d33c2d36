"""Items whose text talks to the model instead of being labelled: they look like an attack, so a person labels them.

This is a filter for attention, not a wall: what it misses is held by the rest (one item per prompt, a strict schema, no
tools, nothing fetched). Eight families are told apart; the phrases are English, the most common ones also German,
Spanish, French, Italian and Portuguese.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labelwright.domain.canonical import Json
from labelwright.prompting.disguise import has_unseen_text, readings

SIGNAL = "suspicious"
"""Under this name a prediction's signals keep the families."""

OVERRIDE, ROLE, DELIMITER, ANSWER, OTHER_ITEMS, EXFILTRATION, DISGUISE, ENDLESS = FAMILIES = (
    "override",
    "role",
    "delimiter",
    "answer",
    "other items",
    "exfiltration",
    "disguise",
    "endless",
)
"""In turn: disregards the instructions; speaks as the system or another turn; closes the item's block; dictates the
answer; speaks of other items; asks for secrets, addresses or tools; hides its words; asks for output without end."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A form of attack in lower-case text. needs: of these the text holds one, or the pattern is not tried."""

    family: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


def _rule(family: str, needs: str, *pattern: str) -> _Rule:
    return _Rule(family, tuple(needs.split(",")), re.compile("".join(pattern), re.MULTILINE))


_WORDS = (
    r"(?:instruction|prompt|guideline|guidance|rule|direction|directive|constraint|command|order|schema|polic(?:y|ies)"
    r"|task)s?"
)
_BEFORE = r"(?:previous|prior|preceding|above|earlier|foregoing|former|original|existing|initial|system|given|old)"
_ITEMS = r"(?:items?|texts?|examples?|rows?|documents?|inputs?|records?)"
_URL = r"<?(?:https?|ftp|file)://"

RULES = (
    _rule(
        OVERRIDE,
        "ignor,disregard,forget,overrid,bypass,skip,drop,neglect,discard,follow,attention to,aside",
        r"\b(?:ignore|disregard|forget|override|bypass|skip|drop|neglect|discard|stop\s+following|do\s+not\s+follow|",
        r"don'?t\s+follow|pay\s+no\s+attention\s+to|set\s+aside)\s+",
        r"(?:(?:all|any|every|everything|each|of|the|your|my|these|those|this|and|other|in|from)\s+){0,4}",
        rf"(?:{_BEFORE}\s+(?:\w+\s+){{0,2}}{_WORDS}|(?:labell?ing\s+)?(?:instruction|guideline|prompt)s?\b",
        r"(?!\s+(?:manual|booklet|sheet|leaflet|book|that\s+came)))",
    ),
    _rule(
        OVERRIDE,
        "ignor,disregard,forget",
        r"\b(?:ignore|disregard|forget)\s+(?:everything|all|anything)\s+(?:(?:that\s+)?(?:was|is|stands)\s+)?",
        r"(?:said\s+|written\s+)?(?:above|before\s+this|you\s+(?:were|have\s+been)\s+told)",
    ),
    _rule(
        OVERRIDE,
        "instruction,task,guideline,system prompt",
        r"\b(?:new|updated|real|actual|revised)\s+(?:instructions?|task|guidelines?|system\s+prompt)\s*",
        r"(?::|\bis\b|\bare\b)",
    ),
    _rule(
        OVERRIDE,
        "ignorier,vergiss,vergess,missachte,ignor,olvid,oubli,dimentica,esque",
        r"\b(?:ignorier\w*|vergiss|vergessen|missachte\w*|ignor[aeoé]\w*|olvid[ae]\w*|oubli(?:e|ez)|dimentica\w*|",
        r"esque[cç]a\w*)\s+(?:\w+\s+){0,4}",
        r"(?:anweisung|instruktion|vorgabe|regel|instruccion|instrucci[oó]n|instruction|consigne|istruzion|instru[cç])",
    ),
    _rule(
        OVERRIDE,
        "guideline,instruction,rule",
        r"\b(?:guidelines?|instructions?|rules?)\s+(?:above\s+)?(?:(?:has|have)\s+(?:changed|been\s+(?:changed|replaced|",
        r"updated))|no\s+longer\s+appl(?:y|ies))",
    ),
    _rule(
        ROLE,
        "<|,im_start,im_end,<system,endoftext,inst],sys>>,</system,<assistant,<developer",
        r"<\|?(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id|end_header_id|begin_of_text)\|?>",
        r"|\[/?inst\]|<</?sys>>|</?(?:system|assistant|developer)(?:[_\-\s]prompt)?>",
    ),
    _rule(
        ROLE,
        "system,developer",
        r"^[\s>#*\[]{0,6}(?:system|developer)(?:\s+(?:message|prompt|note|override|update|notice))?\s*[\]*]{0,3}\s*:\s*\S",
    ),
    _rule(ROLE, "role", r"[\"']role[\"']\s*:\s*[\"'](?:system|assistant|developer)[\"']"),
    _rule(
        ROLE, "assistant:,assistant :", r"^\s*(?:#{1,6}\s*)?(?:human|user)\s*:.{0,200}\n+\s*(?:#{1,6}\s*)?assistant\s*:"
    ),
    _rule(
        ROLE,
        "you are now,you are no longer",
        r"\byou\s+are\s+(?:now|no\s+longer)\s+(?:in\s+(?:developer|debug|admin|maintenance|god|jailbreak)\s+mode|dan\b|",
        r"an?\s+(?:unrestricted|unfiltered|different)\s+(?:ai|assistant|model)|labell?ing|a\s+label)",
    ),
    _rule(
        ROLE,
        "mode,override",
        r"\b(?:developer|debug|admin(?:istrator)?|maintenance|sudo)\s+(?:mode|override)\s+(?:is\s+)?(?:on|enabled|",
        r"activated|engaged)",
    ),
    _rule(
        ROLE,
        "administrator,developer,owner,manager,openai,anthropic",
        r"\b(?:this\s+is|message\s+from|i\s+am|speaking\s+as)\s+(?:the\s+|your\s+)?(?:system\s+administrator|developers?|",
        r"project\s+(?:owner|manager)|openai|anthropic)\b.{0,60}\b(?:label|answer|instruct|must|model)",
    ),
    _rule(
        DELIMITER,
        "<",
        r"<\\*\s*/\s*\\*(?:item|text|document|input|data|content|example|untrusted)\s*>|<\s*item\s*>",
    ),
    _rule(
        DELIMITER,
        "end of,begin ",
        r"^\s*(?:[-=#*~`]{2,}\s*(?:end\s+of\s+(?:the\s+)?(?:item|text|input|data|document)|begin\s+(?:new\s+)?",
        r"(?:instructions?|system))\b|end\s+of\s+(?:the\s+)?(?:item|input|document)\s*[.:\-])",
    ),
    _rule(DELIMITER, "```", r"^\s*```\s*\n+\s*(?:now|next|instructions?|system|answer)\b"),
    _rule(
        ANSWER,
        "{",
        r"\{\s*[\"'](?:(?:label|labels|answer|class|category|verdict|classification)[\"']\s*:|",
        r"[\w -]{1,40}[\"']\s*:\s*(?:[\"'][^\"'\n]{0,60}[\"']|\[[^\]\n]{0,80}\])\s*,\s*[\"']confidence[\"']\s*:)",
    ),
    _rule(
        ANSWER,
        " label, classification",
        r"\b(?:correct|right|true|only\s+valid|expected|final|gold)\s+(?:label|classification)\s*",
        r"(?:here\s+|for\s+this\s+\w+\s+)?(?:is\s|must\s+be\s|should\s+be\s|:\s)",
    ),
    _rule(
        ANSWER,
        "label,classify,annotate,categori,tag ,mark ",
        r"\b(?:label|classify|annotate|categori[sz]e|tag|mark)\s+(?:this|the|it)",
        r"(?:\s+(?:item|text|comment|review|document|message|post|one))?\s+as\s+",
        r"(?:[\"'`]|\w+[.!,;\n]|\w+\s+(?:with|regardless|no\s+matter|and))",
    ),
    _rule(
        ANSWER,
        "answer,respond,reply,output,return,print,write",
        r"\b(?:answer|respond|reply|output|return|print|write)\s+",
        r"(?:only\s+|just\s+|exactly\s+|with\s+|always\s+|the\s+(?:word|label|json)\s+){1,3}(?:[\"'`{]|(?:the\s+)?",
        r"(?:label|json)\b)",
    ),
    _rule(
        ANSWER,
        "confidence",
        r"\b(?:set|with|give|state|report)\s+(?:your\s+|the\s+|a\s+)?confidence\s+(?:to|of|=|at)\s*(?:1\b|1\.0|100|0?\.9)",
    ),
    _rule(
        ANSWER,
        "add a",
        r"\badd\s+(?:an?\s+)?(?:extra|new|another|additional)\s+(?:key|field|label|property|class)\b",
    ),
    _rule(
        OTHER_ITEMS,
        "other ,next ,following ,previous ,remaining ,subsequent ,future ,later ,earlier ,further ",
        r"\b(?:for|in|on|to|of|label|mark|change|relabel|treat|classify|answer)\s+(?:all|every|each|any)\s+(?:of\s+)?",
        r"(?:the\s+)?(?:(?:other|next|following|previous|remaining|subsequent|future|later|earlier|further)\s+)+",
        _ITEMS,
    ),
    _rule(
        OTHER_ITEMS,
        "item,row,record,input",
        r"\b(?:next|following|previous|other|remaining|subsequent)\s+(?:\w+\s+)?(?:items?|rows?|records?|inputs?)\s+",
        r"(?:\w+\s+)?(?:must|should|shall|is|are|as|to|too)\b.{0,30}\b(?:label|classif|mark|answer|as)",
    ),
    _rule(
        OTHER_ITEMS,
        "labelled,labeled,classified,marked,changed",
        r"\b(?:item|row|record|id)\s+(?:no\.?\s*|number\s+|#\s*)?[\w-]{0,12}\d\w{0,6}\s+(?:must|should|shall|is\s+to)\s+",
        r"be\s+(?:labell?ed|classified|marked|changed)",
    ),
    _rule(OTHER_ITEMS, "label item,label row,label record", r"\b(?:re)?label\s+(?:item|row|record)s?\s+[\w#-]*\d"),
    _rule(
        OTHER_ITEMS,
        "label of,labels of",
        r"\b(?:change|overwrite|replace|delete|update)\s+(?:the\s+)?labels?\s+of\b",
    ),
    _rule(OTHER_ITEMS, "from now on", r"\bfrom\s+now\s+on\b.{0,60}\b(?:label|classif|answer|item|respond)"),
    _rule(
        EXFILTRATION,
        "prompt,instruction,system message,api,environment,guideline",
        r"\b(?:reveal|repeat|print|show|output|leak|disclose|include|quote|summari[sz]e|tell\s+me|what\s+(?:is|are)|copy|",
        r"return|dump)\s+(?:me\s+)?(?:the\s+|your\s+|all\s+|any\s+|of\s+){0,3}",
        r"(?:whole\s+|full\s+|entire\s+|exact\s+|hidden\s+|initial\s+|original\s+|secret\s+|complete\s+)*",
        r"(?:system\s+(?:prompt|message|instructions?)|prompt\b|initial\s+instructions|api[\s_-]?keys?|",
        r"instructions\s+(?:above|you|verbatim|word)|environment\s+variables?|guidelines?\s+(?:above|verbatim|word))",
    ),
    _rule(
        EXFILTRATION,
        "://",
        r"\b(?:send|post|submit|upload|forward|exfiltrate|transmit|report|leak)\b[^.\n]{0,80}\b(?:to|at)\s+",
        _URL,
        r"|\b(?:fetch|visit|open|request|load|browse\s+to|call|download|get|access|navigate\s+to)\s+(?:the\s+)?",
        r"(?:url\s+|page\s+|link\s+|address\s+|this\s+)?",
        _URL,
        r"\S+[^.\n]{0,80}(?:\band\b|\bbefore\b|\bthen\b|\bto\s+(?:get|read|see|find|load|learn)\b|\?)",
        r"|!\[[^\]\n]{0,80}\]\(\s*https?://[^)\s]*[?=]|(?:^|\s)(?:curl|wget)\s+(?:-\w+\s+)*https?://",
    ),
    _rule(
        EXFILTRATION,
        "tool,function,plugin",
        r"\b(?:call|use|invoke|run|execute)\s+(?:the\s+|a\s+|your\s+)?[`\"']?[\w.]{0,40}[`\"']?\s*",
        r"(?:tool|function|plugin)\b(?!s?\s+(?:bar|box|kit))[^.\n]{0,60}(?:\bwith\b|\bto\b|\(|:|\bbefore\b)",
        r"|[\"'](?:tool_calls?|function_call|tool_use)[\"']\s*:|<(?:tool_call|function_calls?)\b",
    ),
    _rule(EXFILTRATION, "<invoke", r"<invoke\b"),
    _rule(
        ENDLESS,
        "forever,endless,without ,stop,as you can,as possible,infinite,until ",
        r"\b(?:repeat|write|print|output|say|generate|produce|list|type|count)\b[^.\n]{0,80}\b(?:forever|endlessly|",
        r"without\s+(?:end|stopping|ever\s+stopping)|(?:never|don'?t|do\s+not)\s+stop|",
        r"as\s+(?:often|long)\s+as\s+(?:you\s+can|possible)|infinite(?:ly)?|until\s+(?:you\s+run\s+out|the\s+token|",
        r"you\s+reach))|\bnever\s+stop\s+(?:writing|generating|printing|output\w*|repeating|answering)",
    ),
    _rule(
        ENDLESS,
        " times, words, tokens, lines, copies, characters, pages, letters",
        r"\b(?:repeat|write|print|output|say|generate|produce)\b[^.\n]{0,60}\b(?:\d{1,3}(?:[,.]\d{3})+|\d{4,}|",
        r"(?:thousand|million|billion)s?(?:\s+of)?)\s+(?:times|words|tokens|lines|copies|characters|pages|letters)\b",
        r"|\buse\s+(?:up\s+)?(?:all|as\s+many)\b[^.\n]{0,30}\btokens\b",
    ),
    _rule(
        ENDLESS,
        "maximum,max ",
        r"\b(?:maximum|max)\s+(?:possible\s+)?(?:length|tokens?|number\s+of\s+tokens)\b[^.\n]{0,40}\b(?:answer|output|",
        r"respon)",
    ),
)


def _any_of(words: Iterable[str]) -> str:
    """Give a pattern of these words that looks at each letter once, whichever word it is of; the longest is found."""
    after: dict[str, list[str]] = {}
    for word in words:
        after.setdefault(word[:1], []).append(word[1:])
    ends = after.pop("", None) is not None
    parts = [re.escape(first) + _any_of(rest) for first, rest in after.items()]
    return f"(?:{'|'.join(parts)}){'?' if ends else ''}" if parts else ""


def _needing() -> dict[str, frozenset[int]]:
    """Give, per needed word, the rules that need it or a word it begins with, which stands wherever it stands."""
    words = sorted({needed for rule in RULES for needed in rule.needs})
    return {
        word: frozenset(place for place, rule in enumerate(RULES) if any(word.startswith(one) for one in rule.needs))
        for word in words
    }


_RULES_NEEDING = _needing()
_NEEDED = re.compile(f"(?=({_any_of(_RULES_NEEDING)}))")
"""Finds every needed word, at each place the longest, in one walk through a text: most texts hold none."""


def suspicion(content: Mapping[str, Json], fields: Sequence[str]) -> tuple[str, ...]:
    """Name the families an item's text looks like, in the order of `FAMILIES`; () = nothing does.

    Give it what the item holds before personal data is replaced, and the fields a model would be shown.
    """
    found: set[str] = set()
    for name in fields:
        for text in _texts(content.get(name)):
            found |= _families(text)
    return tuple(family for family in FAMILIES if family in found)


def _families(text: str) -> set[str]:
    found = _spoken(text)
    if has_unseen_text(text):
        found.add(DISGUISE)
    for reading in readings(text):
        more = _spoken(reading) - found
        if more:
            found |= more | {DISGUISE}
    return found


def _spoken(text: str) -> set[str]:
    lowered = text.lower()
    found: set[str] = set()
    held = _NEEDED.findall(lowered)
    if not held:
        return found
    tried: set[int] = set()
    for needed in held:
        tried |= _RULES_NEEDING[needed]
    for place in sorted(tried):
        rule = RULES[place]
        if rule.family not in found and rule.pattern.search(lowered):
            found.add(rule.family)
    return found


def _texts(value: Json) -> Iterator[str]:
    """Give every text of a value, keys included; pictures are not read."""
    if isinstance(value, str):
        if not value.startswith("data:image/"):
            yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield name
            yield from _texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)

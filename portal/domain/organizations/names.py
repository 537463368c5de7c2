"""When two names of organisations are the same name: after NFKC, case folding, without marks,
spaces and invisible characters, and with look-alikes folded together (R14; Unicode TR 36 and 39).

The table holds letters that look like Latin ones in common fonts, not all that TR 39 knows: it
keeps honest names apart from imitations, and a person looks at the rest.
"""

import unicodedata
from hashlib import sha256

LATIN = {
    "a": "аαа",
    "b": "ьβв",
    "c": "сϲ",
    "d": "ԁ",
    "e": "еєεҽ",
    "g": "ɡ",
    "h": "һнη",
    "i": "іιıɩ",
    "j": "јϳ",
    "k": "кκ",
    "l": "ӏ1|iǀ",
    "m": "м",
    "n": "ո",
    "o": "оοσօ0",
    "p": "рρ",
    "q": "ԛ",
    "s": "ѕ5",
    "t": "тτ",
    "u": "υսμ",
    "v": "ѵν",
    "w": "ԝω",
    "x": "хχ",
    "y": "уүγ",
    "z": "ᴢ",
}
FOLDED = {ord(one): latin for latin, others in LATIN.items() for one in others}
SEQUENCES = (("rn", "m"), ("vv", "w"))
WIDE_MARKS = frozenset({"Mn", "Me", "Cf", "Cc", "Zs", "Zl", "Zp"})


def skeleton(name: str) -> str:
    """What names that look alike have in common; never shown to anybody."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    apart = unicodedata.normalize("NFKD", folded)
    bare = "".join(one for one in apart if unicodedata.category(one) not in WIDE_MARKS)
    latin = bare.translate(FOLDED).translate(FOLDED)  # i-like letters become i, and i becomes l
    for sequence, one in SEQUENCES:
        latin = latin.replace(sequence, one)
    return latin


def name_id(name: str) -> str:
    """The id under which the name is reserved."""
    return sha256(skeleton(name).encode()).hexdigest()

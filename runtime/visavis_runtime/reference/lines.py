"""Text for the synthesisers to read: made here, so that no one's text collection has to be fetched or licensed.

English lines are built from patterns and a word list of ours, mixed with invented words that follow English spelling,
so that every neighbourhood of sounds turns up; lip sounds (p b m f v w) are drawn more often than in English because
they are what a watcher sees first. Other languages get invented words in their own script and spelling: espeak-ng
falls back to English when a Cyrillic or kana voice is given Latin letters.
"""

from __future__ import annotations

import random

_words = str.split  # reads better than a quoted list

_NOUNS = _words(
    """
    king queen road bridge river mountain forest village market tavern blacksmith merchant sword shield potion
    map lamp window door key apple bread butter beef pie fish beer wine barrel boat ship captain farmer mother
    father brother sister baby family friend wolf bear bird horse sheep goat dragon goblin wizard book page
    story song drum music fire flame smoke water rain storm thunder winter summer spring morning evening
    midnight moon star sun world valley cave tunnel tower wall gate guard army battle peace home house room
    table chair bed cup plate knife spoon coin gold silver copper iron stone wood rope bag box chest ring crown
    cloak boot glove finger thumb hand arm leg foot head hair eye ear mouth lip tooth tongue voice word question
    answer idea dream memory number paper picture machine engine robot computer program message phone bomb
    battery signal system ship pilot planet
    """
)
_NAMES = _words(
    """
    Bob Pam Maeve Viv Fabian Poppy Wim Bram Mabel Phoebe Beowulf Morgan Thea Zora Jonah Quill Isha Yusuf Olwen
    Ruth Chow George Ash Uma Ewan Otto Agnes Eve Ivo Oona
    """
)
_VERBS = _words(
    """
    bring find buy sell keep give take make break fix move push pull carry follow watch meet help save leave
    remember forget believe imagine hope want need love fear hate know think say tell ask show open close build
    burn throw catch fight beat hide seek wave shape whip cover improve prove leap jump sleep weep wash teach
    reach measure guess use lose choose prefer permit submit combine climb
    """
)
_ADJECTIVES = _words(
    """
    old young brave happy purple blue black white brown warm cold wet simple famous empty heavy big small deep
    high low far near new good bad better worst beautiful ugly funny clever wise foolish fine five seven twelve
    many very much possible terrible wonderful broken frozen hollow narrow yellow smooth rough loud quiet usual
    """
)
_ADVERBS = _words("maybe probably never always often before above below back home away up down out of here over there")
_PATTERNS = (
    "{name}, {verb} the {adj} {noun} before the {noun} {verb}s.",
    "My {noun} will {verb} your {adj} {noun}, {adv}.",
    "Why would you {verb} a {noun} in the {adj} {noun}?",
    "Oh, {name}! We have {adj} {noun}s from the {noun} and the {noun}.",
    "I {adv} {verb} the {noun}, but you may {verb} {adv}.",
    "Please {verb} me the {noun} of {name}.",
    "{adv} the {adj} {noun} and {name} {verb} every {noun}.",
    "What have you done with {name}'s {adj} {noun}?",
    "Welcome to the {adj} {noun}, my friend.",
    "If we {verb} {adv}, the {noun} shall {verb} us all!",
    "No. {name} thinks the {noun} is {adj}, {adj} and {adj}.",
    "Yes, {verb} it. {verb} it {adv}, or {verb} the {noun}.",
    "He was the {adj} {noun} who {verb}s by the {noun} of {noun}s.",
    "Pop, bob, mum and {name} {verb} five {adj} {noun}s.",
)
_EN_ONSETS = _words(
    "b p m f v w bl br pl pr fl fr sp sm sw b p m f v w d t k g n l r s z sh ch th j y h st tr dr kr gr qu"
)
_EN_VOWELS = _words("a e i o u ee oo ai oa ou ow ar er or aw oy igh ea i a o")
_EN_CODAS = ["", "", "", *_words("b p m f ve mp b p m n t d k g l s sh th ng st nd x lk ch")]

# onsets, vowels, codas in the spelling and script of the language
_SCRIPTS: dict[str, tuple[str, str, str]] = {
    "de": (
        "b p m f w v pf d t k g n l r s sch z h j bl br fr st sp kn",
        "a e i o u ä ö ü au ei eu ie",
        ". . en er m pf t n ch ng f b",
    ),
    "fr": (
        "b p m f v d t k g n l r s ch j bl br pl fr vr",
        "a e i o u ou eu é è on an in oi au",
        ". . . r m f be pe l s t",
    ),
    "es": ("b p m f v d t c g n l r s ch j ll bl br pl fr", "a e i o u ie ue", ". . . n s r l"),
    "it": ("b p m f v d t c g n l r s sp z bl br pr fr", "a e i o u ia uo", ". . . n r l"),
    "pt": ("b p m f v d t c g n l r s ch nh lh", "a e i o u ão ei ou", ". . m s r l"),
    "nl": ("b p m f v w d t k g n l r s z sch", "a e i o u aa ee oo ui eu ij oe", ". . n m p t f ft"),
    "pl": ("b p m f w d t k g n l r s sz cz ż dz ł", "a e i o u y ą ę ó", ". . m n w p ł"),
    "sv": ("b p m f v d t k g n l r s sj h", "a e i o u y å ä ö", ". . n m r p t"),
    "tr": ("b p m f v d t k g n l r s ş ç z h y", "a e ı i o ö u ü", ". . m n r k p"),
    "fi": ("p m v t k n l r s h j p m v", "a e i o u y ä ö aa ii uo", ". . n s t"),
    "cs": ("b p m f v d t k h n l r s š č ž ř z", "a e i o u y á é í ou", ". . m p f b n"),
    "ro": ("b p m f v d t c g n l r s ș ț", "a e i o u ă î ea", ". . m p n r"),
    "hu": ("b p m f v d t k g n l r sz s cs zs gy", "a á e é i o ó ö ő u ü", ". . m p b n k"),
    "id": ("b p m d t k g n l r s c j w ng ny", "a e i o u ai au", ". . m p n ng"),
    "sw": ("b p m f v d t k g n l r s w mb mw", "a e i o u", ". . ."),
    "ru": ("б п м ф в д т к г н л р с з ш ж ч х б п м", "а е и о у ы я ё ю э", ". . м п ф н т в"),
    "uk": ("б п м ф в д т к г н л р с з ш ж ч х", "а е и о у і я є ю", ". . м п ф н т в"),
    "el": ("μπ π μ φ β δ τ κ γ ν λ ρ σ ζ χ θ", "α ε ι ο ου υ η ω αι", ". . . ς ν"),
    "hi": ("ब प म फ भ व द त क ग न ल र स श च ज ह", "ा े ी ो ू ि ु ै ौ", ". . म न र"),
    "ja": ("", "ば び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ ま み む め も わ ふ か き く け こ さ し す せ そ "
        "た ち つ て と な に ら り る ろ や ゆ よ あ い う え お", "."),
    "ka": ("ბ პ მ ფ ვ დ თ კ გ ნ ლ რ ს შ ჩ ჯ ხ", "ა ე ი ო უ", ". . მ ნ ბ"),
}  # fmt: skip

LANGUAGES: tuple[str, ...] = tuple(_SCRIPTS)


def english_line(random_: random.Random) -> str:
    """One English line of 4 to 16 words: a sentence, or a row of words that need not make sense."""
    if random_.random() < 0.55:
        return _sentence(random_)
    words = [_word(random_) for _ in range(random_.randint(4, 12))]
    words = [w + "," if random_.random() < 0.12 else w for w in words]
    return " ".join(words).capitalize() + random_.choice(".?!")


def foreign_line(random_: random.Random, *, language: str) -> str:
    """One line of invented words in the script and spelling of `language` (one of `LANGUAGES`)."""
    onsets, vowels, codas = (
        [part.replace(".", "") for part in column.split()] or [""] for column in _SCRIPTS[language]
    )
    words = []
    for _ in range(random_.randint(3, 9)):
        syllables = (
            random_.choice(onsets) + random_.choice(vowels) + (random_.choice(codas) if random_.random() < 0.6 else "")
            for _ in range(random_.choice((1, 2, 2, 3)))
        )
        words.append("".join(syllables) + ("," if random_.random() < 0.12 else ""))
    return " ".join(words) + "."


def _sentence(random_: random.Random) -> str:
    text = random_.choice(_PATTERNS)
    pools = {"{name}": _NAMES, "{noun}": _NOUNS, "{verb}": _VERBS, "{adj}": _ADJECTIVES, "{adv}": _ADVERBS}
    for slot, pool in pools.items():
        while slot in text:
            word = _invented(random_) if random_.random() < 0.08 else random_.choice(pool)
            text = text.replace(slot, word, 1)
    return text[0].upper() + text[1:]


def _word(random_: random.Random) -> str:
    draw = random_.random()
    if draw < 0.45:
        return _invented(random_)
    return random_.choice(random_.choice((_NOUNS, _VERBS, _ADJECTIVES, _ADVERBS)))


def _invented(random_: random.Random) -> str:
    syllables = random_.choice((1, 2, 2, 3))
    return "".join(
        random_.choice(_EN_ONSETS) + random_.choice(_EN_VOWELS) + random_.choice(_EN_CODAS) for _ in range(syllables)
    )

"""Names of nobody: plants and birds for people, plain samples for welfare bodies."""

from collections.abc import Iterator
from random import Random

_FIRST = (
    "Ada", "Alma", "Anton", "Aylin", "Basil", "Bela", "Bruno", "Carla", "Cem", "Clara", "Dana", "Darius", "Edda",
    "Elif", "Emil", "Enno", "Esra", "Fiona", "Frida", "Gero", "Hanno", "Hedda", "Ida", "Ilay", "Iris", "Jale", "Jonte",
    "Juna", "Kaya", "Kian", "Lale", "Leni", "Levin", "Lotte", "Malik", "Mara", "Mateo", "Mina", "Nele", "Nilo", "Noor",
    "Oda", "Oskar", "Paula", "Pelle", "Rana", "Ronja", "Ruben", "Samir", "Selma", "Sina", "Svea", "Tamer", "Thea",
    "Tilda", "Umay", "Veit", "Wanda", "Yara", "Zoe",
)  # fmt: skip
_GROWING = (
    "Ahorn", "Arnika", "Birken", "Brombeer", "Buchen", "Distel", "Eichen", "Erlen", "Eschen", "Farn", "Flieder",
    "Ginster", "Hasel", "Heide", "Holunder", "Hopfen", "Kastanien", "Klee", "Lärchen", "Linden", "Malven", "Minz",
    "Mohn", "Nelken", "Pappel", "Primel", "Quitten", "Salbei", "Schlehen", "Tannen", "Ulmen", "Veilchen", "Wacholder",
    "Weiden",
)  # fmt: skip
_ENDING = (
    "blatt", "blüte", "busch", "garten", "hain", "kern", "ranke", "strauch", "wipfel", "zweig",
)  # fmt: skip
_BIRDS = (
    "Amselflug", "Bachstelze", "Baumläufer", "Bergfink", "Buntspecht", "Eisvogelsang", "Feldlerche", "Goldammer",
    "Grasmücke", "Haubenmeise", "Kiebitz", "Mauersegler", "Nachtigallen", "Neuntöter", "Pirolruf", "Rotkehlchen",
    "Schwanzmeise", "Steinkauz", "Stieglitz", "Wiedehopf", "Zaunkönig", "Zilpzalp",
)  # fmt: skip
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

REGIONAL_BODIES = (
    "Musterhilfe Zaunkönig e. V.",
    "Musterwerk Holunder gGmbH",
    "Musterverein Sonnentau e. V.",
    "Musterhilfe Wiesenschaumkraut e. V.",
    "Musterwerk Haselmaus gGmbH",
    "Musterverein Siebenpunkt e. V.",
)
SCREENING_BODIES = {"08212": "Musterhaus Leuchtfeuer Karlsruhe e. V.", "08335": "Musterhaus Seezeichen Konstanz e. V."}
ROMA_BODY = "Musterverband Wegwarte e. V."
QUEER_BODIES = (
    "Musterberatung Farbenspiel e. V.",
    "Musterberatung Kaleidoskop e. V.",
    "Musterberatung Windrose e. V.",
)


def names_of_nobody(rng: Random) -> Iterator[tuple[str, str]]:
    """Names with their addresses, no two alike; there are some twenty thousand."""
    surnames = [f"{growing}{ending}" for growing in _GROWING for ending in _ENDING] + list(_BIRDS)
    pairs = [(first, surname) for first in _FIRST for surname in surnames]
    for first, surname in rng.sample(pairs, len(pairs)):
        mailbox = f"{first}.{surname}".lower().translate(_FOLDED)
        yield f"{first} {surname}", f"{mailbox}@demo.pik.example"

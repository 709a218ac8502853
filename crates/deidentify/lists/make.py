"""Makes names.txt, words.txt and places.txt from the sources that README.md lists. Run beside the unpacked sources."""

import glob, importlib, os, re, sys, unicodedata

FAKER, CENSUS, WORDS, OUT = sys.argv[1:5]
sys.path.insert(0, FAKER)
SPECIAL = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"})


def fold(word):
    word = word.lower().translate(SPECIAL).replace("ς", "σ")
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def single(word):
    return re.fullmatch(r"[^\W\d_]{2,}", word) is not None


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (key for key in value if isinstance(key, str))
    elif hasattr(value, "__iter__"):
        for inner in value:
            yield from strings(inner)


def provider(kind, path):
    locale = os.path.basename(os.path.dirname(path))
    return locale, importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


def write(name, lines):
    with open(f"{OUT}/{name}", "w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in sorted(lines))


given, family = {}, {}
for path in sorted(glob.glob(f"{FAKER}/faker/providers/person/*/__init__.py")):
    locale, source = provider("person", path)
    for attribute in dir(source):
        target = given if "first_name" in attribute else family if "last_name" in attribute else None
        if target is None or "prefix" in attribute or "suffix" in attribute:
            continue
        value = getattr(source, attribute)
        if callable(value):
            continue
        for name in strings(value):
            for part in re.split(r"[\s\-'’]+", name):
                if single(part) and (len(part) > 2 or part[0].isupper()):
                    target.setdefault(fold(part), set()).add(locale)
for kind, target, most in (("female.first", given, 5000), ("male.first", given, 5000), ("all.last", family, 24000)):
    for line in open(f"{CENSUS}/dist.{kind}").read().splitlines()[:most]:
        target.setdefault(fold(line.split()[0]), set()).add("census")

# Names whose ordinary meaning hardly occurs in work texts.
MOSTLY_NAMES = set("""aline amir bob brandy carol derrick glen harry heather holly jack jay ken lee lily maria marina martin mats matt mike
    nick patty peter ray robin rosemary sally sue viola wade warren""".split())

words = set()
for line in open(WORDS, encoding="utf-8"):
    word = line.strip()
    if word.isalpha() and word.islower() and len(word) > 1 and fold(word) not in MOSTLY_NAMES:
        words.add(fold(word))



def like_user_name(word):
    """Whether a word has the form by which user names are known: an initial and a name, or a name and an initial."""
    strong = lambda part: len(part) > 3 and part in known and part not in words
    return strong(word[1:]) or strong(word[:-1])


# Rarer words, where they would be taken for user names.
known = given.keys() | family.keys()
for line in open(WORDS.replace("-small", ""), encoding="utf-8"):
    word = line.strip()
    if word.isalpha() and word.isascii() and word.islower() and word not in known and like_user_name(word):
        words.add(word)

places = set()
for path in sorted(glob.glob(f"{FAKER}/faker/providers/address/*/__init__.py")):
    locale, source = provider("address", path)
    for attribute in ("countries", "cities", "states", "city_names", "regions", "provinces", "federal_states", "cantons"):
        value = getattr(source, attribute, None)
        if value is None or callable(value):
            continue
        listed = list(strings(value))
        # Lists of every village hold most surnames of their country as well.
        if len(listed) > 400 and attribute != "countries":
            continue
        for name in listed:
            parts = re.split(r"[\s\-'’]+", name)
            if len(parts) == 1 and single(parts[0]) and len(parts[0]) > 3:
                places.add(fold(parts[0]))

latin = lambda word: all(c.isascii() or "\u0370" <= c <= "\u052f" for c in word)
names = {n for n in given.keys() | family.keys() if latin(n) and len(n) > 1}
things = set(open(f"{OUT}/things.txt", encoding="utf-8").read().split())
frequent = {line.split()[0].lower() for kind in ("female.first", "male.first") for line in open(f"{CENSUS}/dist.{kind}").readlines()[:400]}
widespread = {name for name, locales in given.items() if len(locales) >= 5}

kinds = {name: "b" if name in given and name in family else "g" if name in given else "s" for name in names}
with open(f"{OUT}/names.txt", "w", encoding="utf-8") as out:
    out.writelines(f"{kinds[name]}{name}\n" for name in sorted(names))
write("words.txt", words)
write("places.txt", (place for place in places if latin(place) and place not in given and place not in words))
# Rarer given names that are everyday words, and words that are hardly ever a given name.
AMBIGUOUS = set("art chase clay dale drew hope miles norm pierce reed rich rusty sonny summer will woody".split())
HARDLY = set("april august else german june marine roman said tea urban".split())
ambiguous = (frequent | widespread) & (words | things) | AMBIGUOUS
write("ambiguous_given_names.txt", (n for n in ambiguous - HARDLY if latin(n) and len(n) > 2))
write("common_given_names.txt", (n for n in frequent | widespread if latin(n) and len(n) > 2 and n not in words | things))

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tongues import CODES, TOY, frames, texts, tongue

from thought.errors import CorpusError
from thought.homes import data_file
from thought.microworld.frames import parse_key
from thought.microworld.patterns import parse_condition
from thought.microworld.tongue import load_tongue, spoken
from thought.microworld.wording import wordings
from thought.microworld.world import load_world

SMALL = """
format = 1
language = { code = "xy", name = "Small" }
features = { number = "sg pl", case = "nom acc", gender = "m f" }
counts = { one = "sg", two = "pl" }
columns = { noun = "one more", verb = "third base", adjective = "plain" }
inflection = { noun = { sg = "{one}", "" = "{more}" }, adjective = { "f" = "{plain}e", "" = "{plain}" } }
adjectives = { old = "vieil", tired = "las" }
symbols.phrase = { two = "2 {adjective} {noun}", "" = "1 {adjective} {noun}" }
phrases.place = { park = "in park / in wood" }
ends = { question = "?", "" = "." }
[nouns]
dog = "dog dogs m"
cat = "cat cats f / puss pusses f"
[verbs]
sleep = "sleeps sleep"
nap = { is = "naps nap", finite_of_nap = { sg = "has a nap", "" = "have a nap" } }
[chains.simple]
finite = { sg = "{third}", "" = "{base}" }
[constructions.plain]
when = "!question"
pattern = "{agent nom} {finite} {place}"
[constructions.asked]
when = "question"
pattern = "{finite} {agent nom} {place}"
"""
SLEEPS = "intransitive verb=sleep agent=cat"


def small(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the small table, changed."""
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "small.toml"
    path.write_text(text, "utf-8")
    return path


def say(path: Path, key: str) -> list[str]:
    return [wording.text for wording in wordings(parse_key(key), load_tongue(path))]


def test_the_package_speaks_four_languages():
    assert spoken() == ("cs", "de", "en", "fr")
    assert [tongue(code).name for code in CODES] == ["English", "German", "French", "Czech"]
    assert [tongue(code).code for code in CODES] == list(CODES)


def test_a_table_is_read_once():
    assert load_tongue("en") is load_tongue("en")


def test_a_small_table_speaks(tmp_path):
    path = small(tmp_path)
    assert say(path, SLEEPS) == ["1 cat sleeps.", "1 puss sleeps."]
    assert say(path, f"{SLEEPS} agent.count=two place=park mood=question") == [
        "Sleep 2 cats in park?",
        "Sleep 2 cats in wood?",
        "Sleep 2 pusses in park?",
        "Sleep 2 pusses in wood?",
    ]


def test_adjectives_agree_with_their_nouns(tmp_path):
    path = small(tmp_path)
    assert say(path, f"{SLEEPS} agent.adjective=old")[0] == "1 vieile cat sleeps."
    assert say(path, "intransitive verb=sleep agent=dog agent.adjective=old") == ["1 vieil dog sleeps."]


def test_the_first_row_that_holds_is_taken(tmp_path):
    path = small(tmp_path, ('two = "2 {adjective} {noun}", "" =', '"" = "any {noun}", two ='))
    assert say(path, f"{SLEEPS} agent.count=two")[0] == "Any cats sleep."


def test_a_row_holds_unless_what_it_bars_is_there(tmp_path):
    path = small(tmp_path, ('{ sg = "{third}", "" = "{base}" }', '{ "!sg" = "{base}", "" = "{third}" }'))
    assert say(path, SLEEPS)[0] == "1 cat sleeps."
    assert say(path, f"{SLEEPS} agent.count=two")[0] == "2 cats sleep."


def test_nothing_is_said_where_no_row_holds(tmp_path):
    path = small(tmp_path, ('{ sg = "{third}", "" = "{base}" }', '{ past = "slept" }'))
    assert say(path, SLEEPS)[0] == "1 cat."
    assert say(path, f"{SLEEPS} tense=past")[0] == "1 cat slept."


def test_a_verb_can_say_a_symbol_its_own_way(tmp_path):
    path = small(
        tmp_path, ("finite_of_nap", "doing"), ("{agent nom} {finite} {place}", "{agent nom} {doing} {place}"),
        ('[verbs]', 'symbols.doing = "{finite}"\n[verbs]'.replace('symbols.doing = "{finite}"\n', "")),
        ('ends =', 'symbols.doing = "{finite}"\nends ='),
    )  # fmt: skip
    assert say(path, SLEEPS)[0] == "1 cat sleeps."
    assert say(path, "intransitive verb=nap agent=dog") == ["1 dog has a nap."]
    assert say(path, "intransitive verb=nap agent=dog agent.count=two") == ["2 dogs have a nap."]


def test_a_tag_drives_out_the_others_of_its_group():
    german = tongue("de")
    assert german.with_tags(frozenset({"nom", "sg", "m"}), frozenset({"acc"})) == {"acc", "sg", "m"}
    assert german.with_tags(frozenset({"nom", "sg"}), frozenset({"nom"})) == {"nom", "sg"}
    assert german.with_tags(frozenset({"nom", "sg", "x"}), frozenset({"dat", "pl"})) == {"dat", "pl", "x"}
    assert german.with_tags(frozenset({"nom"}), frozenset({"of_no_group"})) == {"nom", "of_no_group"}


def test_the_first_change_that_fits_is_made():
    czech = tongue("cs")
    assert czech.changed(frozenset({"five", "pl", "ma"}), czech.agreement) == {"five", "sg", "n"}
    assert czech.changed(frozenset({"two", "pl", "ma"}), czech.agreement) == {"two", "pl", "ma"}
    both = ((parse_condition("a"), frozenset({"b"})), (parse_condition("!z"), frozenset({"c"})))
    assert czech.changed(frozenset({"a"}), both) == {"a", "b"}
    assert czech.changed(frozenset(), both) == {"c"}


def test_an_ending_changes_the_sounds_before_it(tmp_path):
    path = small(tmp_path, ("ends =", 'sandhi = { "t\\\\b" = "th", "th s" = "ths" }\nends ='))
    assert say(path, SLEEPS)[0] == "1 cathsleeps."


MISTAKES = {
    "format": (('format = 1', 'format = 2'), "expected format = 1"),
    "no format": (("format = 1", ""), "expected format = 1"),
    "not TOML": (("[nouns]", "[nouns"), "is not TOML"),
    "unknown section": (("phrases.place", "phrase.place"), "unknown section phrase; did you mean phrases"),
    "no counts": (('counts = { one = "sg", two = "pl" }', ""), "lacks the sections counts"),
    "no name": ((', name = "Small"', ""), r"\[language\] has no row name"),
    "no phrase": (("symbols.phrase", "symbols.frase"), r"\[symbols\] has no row phrase"),
    "a noun without its plural": (('dog = "dog dogs m"', 'dog = "dog"'), r"\[nouns\] dog: expected the forms one"),
    "a synonym without its plural": (("/ puss pusses f", "/ puss"), r"\[nouns\] cat: expected the forms .* got 'puss'"),
    "a noun that is a number": (('dog = "dog dogs m"', "dog = 3"), r"\[nouns\] dog: expected text in quotes"),
    "a verb that is a list": (('sleep = "sleeps sleep"', 'sleep = ["sleeps"]'), r"\[verbs\] sleep: expected text"),
    "a verb without is": (("is = ", "are = "), r"\[verbs\] nap: expected text in quotes"),
    "an open brace": (("{agent nom} {finite} {place}", "{agent nom {finite}"), r"\[constructions\] plain: braces"),
    "an open brace in a phrase": (("in park /", "in {park /"), r"\[phrases.place\] park: braces do not pair"),
    "an unknown reference": (("{agent nom} {finite} {place}", "{agnt nom}"), r"plain: nothing is called \{agnt\}"),
    "an unknown reference in a chain": (('sg = "{third}"', 'sg = "{thrid}"'), r"\[chains\] simple: .*mean third"),
    "an unknown reference in a symbol": (('"1 {adjective} {noun}"', '"{one}"'), r"\[symbols\] phrase: nothing is"),
    "an unknown reference in a verb": (('"have a nap"', '"{hav}"'), r"\[verbs\] nap: nothing is called \{hav\}"),
    "an unknown reference in a place": (("in park /", "{nowhere} /"), r"\[phrases.place\] park: nothing is called"),
    "an unknown column": (("{ sg = \"{one}\"", '{ sg = "{singular}"'), r"\[inflection\] noun: no column is called"),
    "no inflection of nouns": (('noun = { sg = "{one}", "" = "{more}" }, ', ""), r"\[inflection\] has no row noun"),
    "an end that is a number": (('question = "?"', "question = 3"), r"\[ends\] question: expected text in quotes"),
    "a construction without a pattern": (('pattern = "{fin', 'patern = "{fin'), "asked: expected a row pattern"),
    "a chain without a verb": (("finite = { sg", "finit = { sg"), r"\[chains\] simple: expected a row finite"),
    "a condition that is a number": (('when = "question"', "when = 3"), r"\[constructions\] asked: expected text"),
    "a section that is text": (('counts = { one = "sg", two = "pl" }', 'counts = "sg"'), r"\[counts\] holds no rows"),
    "a pattern of sounds": (("ends =", 'sandhi = { "(" = "x" }\nends ='), r"\[sandhi\] \(: .*missing \)"),
    "a group of sounds": (("ends =", 'sandhi = { "a" = "\\\\1" }\nends ='), r"\[sandhi\] a: .*group"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_table_is_told_with_the_file_and_the_row(name, tmp_path):
    change, message = MISTAKES[name]
    with pytest.raises(CorpusError, match=message) as caught:
        load_tongue(small(tmp_path, change))
    assert str(tmp_path / "small.toml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_circle_in_a_table_is_named(tmp_path):
    path = small(
        tmp_path, ("ends =", 'symbols.a = "{b}"\nsymbols.b = "{a}"\nends ='), ("{agent nom} {finite} {place}", "{a}")
    )
    with pytest.raises(CorpusError, match="table of Small refers to itself in a circle"):
        say(path, SLEEPS)


def test_a_circle_in_a_phrase_is_named(tmp_path):
    path = small(tmp_path, ('"1 {adjective} {noun}"', '"{phrase}"'))
    with pytest.raises(CorpusError, match="table of Small"):
        say(path, SLEEPS)


def test_a_form_that_is_missing_is_named(tmp_path):
    path = small(tmp_path, ('"" = "{more}"', 'past = "{more}"'))
    with pytest.raises(CorpusError, match="no form of cat for .*two"):
        say(path, f"{SLEEPS} agent.count=two")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CorpusError, match=f"no table of a language in {tmp_path}/no.toml"):
        load_tongue(tmp_path / "no.toml")
    with pytest.raises(CorpusError, match="no table of a language in"):
        (tmp_path / "folder.toml").mkdir()
        load_tongue(tmp_path / "folder.toml")


def test_bytes_that_are_no_text_are_no_table(tmp_path):
    (tmp_path / "bad.toml").write_bytes(b"format = 1 # \xff")
    with pytest.raises(CorpusError, match="is not TOML"):
        load_tongue(tmp_path / "bad.toml")


@pytest.mark.parametrize("code", ["es", "world", "../en", ""])
def test_a_language_that_is_not_spoken_is_named_with_those_that_are(code):
    with pytest.raises(CorpusError, match=f"microworld does not speak {code}"):
        load_tongue(code)


# ---- what the world holds, each table says, and nothing else


def wanted() -> dict[str, set[str]]:
    """Names of the world, by section of a table."""
    table = load_world().table
    rows = [row for verbs in table["verbs"].values() for row in verbs.values()]
    classes = table["nouns"]

    def named(*roles: str) -> set[str]:
        names = {name for row in rows for role in roles if role in row for name in row[role].split()}
        return {noun for name in names for noun in classes.get(name, name).split()}

    return {
        "nouns": named("agent", "patient", "recipient", "instrument", "ground", "standard"),
        "verbs": {verb for verbs in table["verbs"].values() for verb in verbs},
        "adjectives": {word for row in table["adjectives"].values() for word in row.split()},
        "counts": {"one", *table["values"]["count"].split()},
        "place": {place for row in table["places"].values() for place in row.split()},
        "goal": set(table["places"]["all"].split()),
        "time": set(table["times"]["all"].split()),
        "vehicle": named("vehicle"),
        "relation": named("relation"),
    }


@pytest.mark.parametrize("code", [*CODES, "toy"])
def test_a_table_has_a_word_for_everything_and_no_row_too_many(code):
    language = tongue(code)
    names = wanted()
    for section in ("nouns", "verbs", "adjectives", "counts"):
        assert set(getattr(language, section)) == names.pop(section), section
    assert {slot: set(rows) for slot, rows in language.phrases.items()} == names


@pytest.mark.parametrize("code", [*CODES, "toy"])
def test_no_symbol_is_never_used(code):
    path = TOY if code == "toy" else data_file(f"microworld/{code}.toml")
    text = path.read_text("utf-8")
    unused = [name for name in tongue(code).symbols if name != "phrase" and f"{{{name}" not in text]
    assert not unused


@pytest.mark.parametrize("code", CODES)
def test_no_noun_means_two_things(code):
    owners: dict[tuple[str, ...], set[str]] = {}
    for key, words in tongue(code).nouns.items():
        for word in words:
            owners.setdefault(tuple(word.forms.values()), set()).add(key)
    assert not {forms: names for forms, names in owners.items() if len(names) > 1}


# ---- a fifth language is a file


def test_a_fifth_language_is_a_file_alone():
    rows = tomllib.loads(TOY.read_text("utf-8"))
    stem = {name: row.split()[0].capitalize() for name, row in rows["nouns"].items()}
    dog, cat, chase = stem["dog"], stem["cat"].lower(), rows["verbs"]["chase"]
    key = "transitive verb=chase agent=dog patient=cat tense=past"
    assert texts("toy", key) == (f"{dog} {cat}em {chase}ta.", f"{cat.capitalize()}em {dog.lower()} {chase}ta.")


def test_the_verb_of_the_fifth_language_stands_last_and_agrees():
    rows = tomllib.loads(TOY.read_text("utf-8"))
    man, sleep, park = rows["nouns"]["man"].split()[0], rows["verbs"]["sleep"], rows["phrases"]["place"]["park"]
    (plain,) = texts("toy", "intransitive verb=sleep agent=man agent.count=two place=park tense=future")
    assert plain == f"Du {man}ir {park} {sleep}von."
    assert texts("toy", "intransitive verb=sleep agent=man polarity=negative") == (f"{man.capitalize()} ne {sleep}.",)
    assert texts("toy", "intransitive verb=sleep agent=man mood=question") == (f"{man.capitalize()} {sleep} mi?",)


def test_adjectives_of_the_fifth_language_agree_in_gender_and_number():
    rows = tomllib.loads(TOY.read_text("utf-8"))
    old = rows["adjectives"]["old"]
    endings = {("sun", "one"): "a", ("sun", "two"): "air", ("moon", "one"): "u", ("moon", "two"): "uir"}
    for noun in ("boy", "man"):
        for count in ("one", "two"):
            gender = rows["nouns"][noun].split()[1]
            said = texts("toy", f"intransitive verb=sleep agent={noun} agent.count={count} agent.adjective=old")[0]
            assert f"{old}{endings[gender, count]} " in said.lower()


def test_the_fifth_language_says_the_whole_world():
    for frame in frames(1_500):
        assert texts("toy", frame)

"""Actors: whom a sentence names, for whom a person speaks, and when a capital is a government and when a place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.actors import ActorFinder
from src.errors import InputError
from src.records import Mention, Sentence

HERE = Path(__file__).parent
Expected = set[tuple[str, str | None]]


def cases(name: str) -> Iterator[tuple[list[str], list[Expected]]]:
    """Articles of a file: their sentences, and for each the parties (id, represented id) that it must give."""
    texts: list[str] = []
    wanted: list[Expected] = []
    for line in [*(HERE / name).read_text("utf-8").splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if texts:
                yield texts, wanted
            texts, wanted = [], []
            continue
        text, _, mentions = line.partition("\t")
        texts.append(text)
        parts = [part.split("=", 1)[1].split(">") for part in mentions.split("; ") if "=" in part]
        wanted.append({(part[0].strip(), part[1].strip() if len(part) > 1 else None) for part in parts})


@pytest.fixture(scope="module")
def finder() -> ActorFinder:
    return ActorFinder()


def find(finder: ActorFinder, *texts: str) -> list[list[Mention]]:
    return finder.find([Sentence("a", f"a:{i}", text, 0, len(text)) for i, text in enumerate(texts)])


def ids(finder: ActorFinder, *texts: str) -> list[set[str]]:
    return [{m.entity.id for m in mentions} for mentions in find(finder, *texts)]


def score(finder: ActorFinder, name: str) -> tuple[float, float]:
    """Precision and recall of (party, represented party) over a file."""
    articles = list(cases(name))
    sentences = [
        [Sentence(str(i), f"{i}:{j}", text, 0, len(text)) for j, text in enumerate(texts)] for i, (texts, _) in enumerate(articles)
    ]
    hits = found = gold = 0
    for (_, wanted), answer in zip(articles, finder.find_many(sentences), strict=True):
        for must, mentions in zip(wanted, answer, strict=True):
            have = {(m.entity.id, m.represents.id if m.represents else None) for m in mentions}
            hits, found, gold = hits + len(have & must), found + len(have), gold + len(must)
    return hits / found, hits / gold


def test_the_sentences_it_was_made_with_are_read(finder: ActorFinder) -> None:
    precision, recall = score(finder, "sentences.tsv")
    assert precision > 0.93
    assert recall > 0.93


def test_held_out_sentences_are_read_nearly_as_well(finder: ActorFinder) -> None:
    precision, recall = score(finder, "heldout.tsv")
    assert precision > 0.8
    assert recall > 0.8


def test_a_mention_is_where_its_words_are(finder: ActorFinder) -> None:
    text = "Baku rejected the proposal and accused Paris of siding with Yerevan."
    (mentions,) = find(finder, text)
    assert [text[m.start : m.end] for m in mentions] == [m.text for m in mentions] == ["Baku", "Paris", "Yerevan"]


@pytest.mark.parametrize(
    ("text", "party", "is_party"),
    [
        ("Oslo condemned bias in Washington's stance.", "USA", True),
        ("The envoy flew to Washington on Sunday.", "USA", False),
        ("Azerbaijan declined talks in the US this week.", "USA", False),
        ("Senior visits to Azerbaijan were cancelled by Norway.", "AZE", True),
        ("Delegates met in Geneva.", "CHE", False),
        ("The Kremlin rejected the report.", "RUS", True),
        ("Brussels warned Budapest over the new law.", "EU", True),
        ("Officials in Kampala told reporters they were furious.", "UGA", True),
        ("Finance officials in Zambia said the loan was late.", "ZMB", True),
        ("Warm praise for Rwanda came from Singapore at the dinner.", "SGP", True),
        ("The delegation came from Singapore on Monday.", "SGP", False),
        ("Turkey lifted its ban on Armenian cargo flights.", "ARM", True),
        ("The Armenian novelist read from her new book.", "ARM", False),
        ("Bogota to Quito: no more talks", "COL", True),
    ],
)
def test_a_seat_of_power_is_a_party_or_a_place(finder: ActorFinder, text: str, party: str, is_party: bool) -> None:
    assert (party in ids(finder, text)[0]) == is_party


@pytest.mark.parametrize(
    ("text", "party", "is_party"),
    [
        ("Georgia expelled the diplomat of Armenia.", "GEO", True),
        ("Atlanta officials said Georgia had not certified the count.", "GEO", False),
        ("Jordan recalled its ambassador.", "JOR", True),
        ("Michael Jordan praised the coach.", "JOR", False),
        ("Chad accused Sudan of arming rebels.", "TCD", True),
        ("Turkey summoned the Swedish envoy.", "TUR", True),
        ("They ate turkey at the reception in Lima.", "TUR", False),
    ],
)
def test_an_ambiguous_name_is_decided_by_its_sentence(finder: ActorFinder, text: str, party: str, is_party: bool) -> None:
    assert (party in ids(finder, text)[0]) == is_party


def test_a_leader_is_a_person_who_represents_the_state_and_is_known_by_surname(finder: ActorFinder) -> None:
    first, second, third = find(
        finder,
        "Norwegian Prime Minister Astrid Solheim praised Finland for its patience.",
        "Solheim said the offer stood.",
        "She thanked Helsinki again.",
    )
    person = next(m for m in first if m.entity.type == "person")
    assert (person.entity.name, person.represents.id if person.represents else None) == ("Astrid Solheim", "NOR")
    assert any(m.entity == person.entity and m.represents == person.represents for m in second)
    assert any(m.entity == person.entity for m in third)


def test_both_countries_are_the_two_last_named(finder: ActorFinder) -> None:
    _, second = ids(finder, "Tensions between Ghana and Togo rose again.", "Both countries blamed Mali.")
    assert second == {"GHA", "TGO", "MLI"}


def test_a_state_that_nobody_listed_is_found_with_its_adjective(finder: ActorFinder) -> None:
    first, second = ids(
        finder, "Veldoria recalled its ambassador from Lima.", "The Veldorian government called the vote a provocation by Kestrova."
    )
    assert "state:veldoria" in first
    assert {"state:veldoria", "state:kestrova"} <= second


def test_the_same_party_under_two_names_is_one(finder: ActorFinder) -> None:
    found = ids(finder, "The European Union praised Moldova.", "The EU will send aid.", "The bloc's offer stands, Chisinau said.")
    assert all("EU" in parties for parties in found[:2])
    assert "MDA" in found[2]


def test_disputed_states_are_known(finder: ActorFinder) -> None:
    (found,) = ids(finder, "Kosovo, Taiwan and Palestine protested to the African Union.")
    assert {"XKX", "TWN", "PSE", "AU"} <= found


def test_a_user_adds_names(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("group:gantry-crew\tgroup\tGantry Crew\tthe Gantries\n", encoding="utf-8")
    (found,) = find(ActorFinder(aliases=own), "Lima thanked the Gantries for their help.")
    assert {m.entity.name for m in found} >= {"Peru", "Gantry Crew"}


@pytest.mark.parametrize("line", ["only one column", "X\tplanet\tMars", "X\tperson\tAda Ray\t\t\t\tUSA sometimes"])
def test_a_faulty_line_of_names_is_told(tmp_path: Path, line: str) -> None:
    own = tmp_path / "own.tsv"
    own.write_text(f"# names\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.tsv:2"):
        ActorFinder(aliases=own)


def test_a_cameo_dictionary_adds_its_names(tmp_path: Path) -> None:
    dictionary = tmp_path / "actors.txt"
    dictionary.write_text("NORTHERN_SHORE_FRONT [TGOREB]\n+NSF_FIGHTERS\n", encoding="utf-8")
    (found,) = ids(ActorFinder(dictionaries=[dictionary]), "Togo blamed the Northern Shore Front for the attack.")
    assert "TGO" in found
    assert any("northern-shore-front" in party for party in found)


def test_odd_sentences_break_nothing(finder: ActorFinder) -> None:
    odd = ["", "...", "A" * 5000, "“”", "\u202eabc", "Norway Norway Norway", "1 2 3", "👍 Lima"]
    assert len(find(finder, *odd)) == len(odd)


@pytest.mark.parametrize(
    ("text", "mention", "identity"),
    [
        ("Tonga's finance minister, Sione Falevai, called the review late.", "Sione Falevai", "person:sione-falevai"),
        ("The judges said the Justice Commission spares cronies.", "Justice Commission", "body:justice-commission"),
        (
            "The Offshore and Harbour Workers' Congress cheered Windhoek.",
            "Offshore and Harbour Workers' Congress",
            "body:offshore-and-harbour-workers-congress",
        ),
        ("Georgetown complained of the patrols.", "Georgetown", "GUY"),
        ("Negotiators of the Southern Liberation Army blamed Mexico.", "Southern Liberation Army", "group:southern-liberation-army"),
        ("Mali blamed it on fighters of the Sahel Vanguard.", "Sahel Vanguard", "group:sahel-vanguard"),
        ("Libya's eastern-based House of Representatives met.", "House of Representatives", "body:house-of-representatives-of-libya"),
        ("Mali distrusts the Supreme Court of Ghana.", "Supreme Court of Ghana", "body:supreme-court-of-ghana"),
        ("Senators said Congress had thanked Canada.", "Congress", "body:us-congress"),
        ("Bolivia rejects Peru's Constitutional Tribunal.", "Constitutional Tribunal", "body:constitutional-tribunal-of-peru"),
        ("The Dutch ombudsman rebuked the port authority.", "Dutch ombudsman", "person:dutch-ombudsman"),
        ("The law is opposed by the Chamber of Advocates.", "Chamber of Advocates", "body:chamber-of-advocates"),
    ],
)
def test_a_name_is_found_whole(finder: ActorFinder, text: str, mention: str, identity: str) -> None:
    (found,) = finder.find([Sentence("a", "a:0", text, 0, len(text))])
    assert {m.text: m.entity.id for m in found}.get(mention) == identity


def test_a_minister_set_off_by_commas_speaks_for_the_state(finder: ActorFinder) -> None:
    text = "Tonga's finance minister, Sione Falevai, called the review late."
    (found,) = finder.find([Sentence("a", "a:0", text, 0, len(text))])
    assert [(m.entity.name, m.represents and m.represents.id) for m in found] == [("Sione Falevai", "TON")]


def test_a_shortened_name_is_the_organisation_that_the_article_names_in_full(finder: ActorFinder) -> None:
    found = find(
        finder,
        "Namibia fined the consortium Orange Basin Energy.",
        "Orange Basin thanked the Herders' Assembly.",
        "The Assembly was silent.",
    )
    assert [[m.entity.id for m in mentions] for mentions in found] == [
        ["NAM", "group:orange-basin-energy"],
        ["group:orange-basin-energy", "body:herders-assembly"],
        ["body:herders-assembly"],
    ]


def test_a_surname_stays_the_person_beside_an_organisation_of_that_name(finder: ActorFinder) -> None:
    found = find(finder, "Rosa Carter, who leads the Carter Foundation, praised Chad.", "Carter later condemned Mali.")
    assert [m.entity.id for m in found[1]] == ["person:rosa-carter", "MLI"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["On Tuesday, the president accused Kenya of lying."], ["KEN"]),
        (["Unlike Russia, the Chinese ambassador backed Kenya."], ["RUS", "CHN", "KEN"]),
        (["The General Assembly condemned Russia."], ["UNGA", "RUS"]),
        (["General Motors sued Mexico."], ["group:general-motors", "MEX"]),
        (["Donald Trump attacked Mexico.", "Melania Trump praised Kenya."], ["person:melania-trump", "KEN"]),
        (
            ["The Labour Party attacked Emmanuel Macron.", "Macron said his party would respond to Italy."],
            ["person:emmanuel-macron", "ITA"],
        ),
        (["The European Union praised France.", "The unions accused the government of Chad."], ["TCD"]),
        (["NATO condemned Russia.", "The mission to Mars was delayed by Kenya."], ["KEN"]),
        (["The Nelson Mandela Foundation criticised Israel.", "Nelson Mandela admired Cuba."], ["person:nelson-mandela", "CUB"]),
        (["The Liberation Front attacked Chad.", "The Front accused Chad of lies."], ["group:liberation-front", "TCD"]),
        (["Russia's Security Council accused Ukraine."], ["RUS", "body:security-council-of-russia", "UKR"]),
        (["Russia's Security Council veto angered Peru."], ["RUS", "UNSC", "PER"]),
    ],
)
def test_names_that_look_like_others_are_told_apart(finder: ActorFinder, texts: list[str], expected: list[str]) -> None:
    assert [m.entity.id for m in find(finder, *texts)[-1]] == expected

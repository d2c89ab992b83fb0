"""Institutions that only a common noun names."""

from __future__ import annotations

import pytest

from src.actors import ActorFinder
from src.records import Sentence


@pytest.fixture(scope="module")
def finder() -> ActorFinder:
    return ActorFinder()


def ids(finder: ActorFinder, *texts: str) -> list[dict[str, str]]:
    """For each sentence of one article: mention -> id."""
    sentences = [Sentence("a", f"a:{i}", text, 0, len(text)) for i, text in enumerate(texts)]
    return [{mention.text: mention.entity.id for mention in found} for found in finder.find(sentences)]


@pytest.mark.parametrize(
    ("text", "mention", "identity"),
    [
        ("Liberia's election commission was branded partial by Ghana.", "election commission", "body:election-commission"),
        ("Ivory Coast told the cocoa board that the price was unfair.", "cocoa board", "body:cocoa-board"),
        ("Kenya accused the observer mission of looking away.", "observer mission", "body:observer-mission"),
        ("Peru praised the constitutional court for its courage.", "constitutional court", "body:constitutional-court"),
    ],
)
def test_described_institutions_are_parties(finder: ActorFinder, text: str, mention: str, identity: str) -> None:
    (found,) = ids(finder, text)
    assert found[mention] == identity


@pytest.mark.parametrize(
    "text",
    [
        "Peru commended the tribunal.",  # which one is never said
        "Kenya sent a panel of three to Uganda.",
        "Ghana and Togo met at the trade commission in Lome.",
        "The OSCE mission praised Albania.",  # the OSCE is the party
    ],
)
def test_a_bare_or_located_institution_is_nobody(finder: ActorFinder, text: str) -> None:
    (found,) = ids(finder, text)
    assert not {"tribunal", "panel", "panel of three", "trade commission", "mission"} & set(found)


def test_a_bare_institution_is_the_one_that_the_article_named(finder: ActorFinder) -> None:
    first, second = ids(finder, "Denmark left the Salt Strait Tribunal on Monday.", "Poland accused the tribunal of haste.")
    assert first["Salt Strait Tribunal"] == second["tribunal"] == "body:salt-strait-tribunal"


@pytest.mark.parametrize(
    ("text", "identity", "found"),
    [
        ("Athens cancelled the minister's trip to Skopje after the vote.", "MKD", True),
        ("The minister flew on a visit to Skopje with his family.", "MKD", False),
        ("Nairobi rejected the Kampala-led inquiry.", "UGA", True),
        ("Antigua and Barbuda thanked Belize.", "ATG", True),
    ],
)
def test_places_that_act(finder: ActorFinder, text: str, identity: str, found: bool) -> None:
    (mentions,) = ids(finder, text)
    assert (identity in mentions.values()) is found


def test_a_minister_of_water_keeps_the_own_name(finder: ActorFinder) -> None:
    (found,) = ids(finder, "Kazakh Water Minister Aigerim Bolatova thanked Uzbekistan.")
    assert found == {"Aigerim Bolatova": "person:aigerim-bolatova", "Uzbekistan": "UZB"}


def test_judges_and_missions_are_the_body_that_the_article_named_last(finder: ActorFinder) -> None:
    found = ids(
        finder,
        "Norway sued Cyprus at the ECHR, which the OSCE welcomed.",
        "Cyprus said the judges were late.",
        "Norway thanked the mission.",
    )
    assert (found[1]["judges"], found[2]["mission"]) == ("ECHR", "OSCE")


@pytest.mark.parametrize(
    ("text", "mention", "identity"),
    [
        ("Gabon said that the ratings firm Halden lends to nobody.", "Halden", "group:halden"),
        ("Mali's cabinet fell to the applause of the opposition Tierra Firme bloc.", "Tierra Firme", "group:tierra-firme"),
        ("Voces del Lempa accused Peru of delay.", "Voces del Lempa", "group:voces-del-lempa"),
        ("Jakarta's anger at Canberra has not cooled.", "Canberra", "AUS"),
        ("Nobody in Windhoek trusts Berlin.", "Windhoek", "NAM"),
        ("Honduras put a duty of nine percent on Nicaraguan beef.", "Nicaraguan", "NIC"),
    ],
)
def test_a_party_is_known_by_what_stands_beside_it(finder: ActorFinder, text: str, mention: str, identity: str) -> None:
    (found,) = ids(finder, text)
    assert found.get(mention) == identity


def test_a_name_that_an_apposition_explains_is_a_person(finder: ActorFinder) -> None:
    (found,) = ids(finder, "Oumou Keita-Barry, the commissioner for peace, praised Senegal.")
    assert found["Oumou Keita-Barry"] == "person:oumou-keita-barry"


@pytest.mark.parametrize(
    ("texts", "mention", "identity"),
    [
        (("The United People's Congress thanked Benin.", "Togo rebuked the Congress."), "Congress", "body:united-peoples-congress"),
        (
            ("Peru fined the Coral Transit Authority.", "The Transit Authority thanked Chad."),
            "Transit Authority",
            "body:coral-transit-authority",
        ),
        (("The Kandy Lakers left the league.", "Peru thanked the Lakers."), "Lakers", "group:kandy-lakers"),
        (
            ("The Belgian Skating Federation left.", "Peru rebuked the Belgian federation."),
            "Belgian federation",
            "group:belgian-skating-federation",
        ),
        (("A three-member arbitral tribunal fined Peru.", "Peru said the tribunal had erred."), "tribunal", "body:arbitral-tribunal"),
        (("A commission of inquiry blamed Togo.", "Togo thanked the commission."), "commission", "body:commission-of-inquiry"),
        (("The European Commission fined Norte Steel.", "Peru said the Commission had erred."), "Commission", "EC"),
        (("Peru thanked Julio Quiroga Paz, an arbitrator.", "Chile accused Quiroga of haste."), "Quiroga", "person:julio-quiroga-paz"),
        (("Norway defended Ragnhild Aasen-Moe, a judge.", "Peru accused Aasen-Moe of haste."), "Aasen-Moe", "person:ragnhild-aasen-moe"),
        (("Voters like Ruvani Fulhu of the Reform List.", "Peru rebuked Fulhu."), "Fulhu", "person:ruvani-fulhu"),
    ],
)
def test_a_second_mention_is_the_party_of_the_first(finder: ActorFinder, texts: tuple[str, str], mention: str, identity: str) -> None:
    assert ids(finder, *texts)[1][mention] == identity


def test_a_supreme_court_is_that_of_the_state_an_article_is_about(finder: ActorFinder) -> None:
    found = ids(finder, "Liberia voted on Sunday.", "Liberia's rulers asked the Supreme Court for a recount.", "Monrovia rebuked Togo.")
    assert found[1]["Supreme Court"] == "body:supreme-court-of-liberia"
    (alone,) = ids(finder, "The Supreme Court thanked Togo.")
    assert alone["Supreme Court"] == "body:us-supreme-court"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Skating Union of Malta and the Ice Guild of Basel praised Norway.", {"group:skating-union-of-malta", "group:ice-guild-of-basel", "NOR"}),
        ("Kogi Radio, which Peru fined, thanked Chile.", {"group:kogi-radio", "PER", "CHL"}),
        ("Queensland rebuked Peru.", {"other:queensland", "PER"}),
        ("Ghana summoned the Pakistani high commissioner.", {"GHA", "PAK"}),
        ("Honduras slapped a duty of 18 percent on Nicaraguan beef.", {"HND", "NIC"}),
        ("The Canadian Association of University Teachers rebuked Peru.", {"group:canadian-association-of-university-teachers", "PER"}),
    ],
)  # fmt: skip
def test_a_name_is_neither_more_nor_less_than_its_party(finder: ActorFinder, text: str, expected: set[str]) -> None:
    (found,) = ids(finder, text)
    assert set(found.values()) == expected

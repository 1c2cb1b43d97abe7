"""Links to pictures: made with the key, good until their end, and for that picture alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pushes.pictures.links import ExpiredLinkError, PictureLinks
from queues.pushes.pictures import digest_of

NOW = 1_777_593_600.0
DIGEST = digest_of(b"a photo")
LINKS = PictureLinks("https://push.city.test/", "a key of sixteen and more")


def token_of(link):
    return link.rpartition("/")[2]


def test_a_link_leads_to_its_picture_until_its_end():
    link = LINKS.link(DIGEST, NOW + 60)
    assert link.startswith("https://push.city.test/pictures/")
    assert LINKS.read(token_of(link), NOW) == (DIGEST, NOW + 60)
    with pytest.raises(ExpiredLinkError):
        LINKS.read(token_of(link), NOW + 60)


def test_another_key_makes_other_links():
    link = PictureLinks("https://push.city.test", "another key altogether").link(DIGEST, NOW + 60)
    assert LINKS.read(token_of(link), NOW) is None


@pytest.mark.parametrize("position", range(50))
def test_no_character_of_a_token_can_be_changed(position):
    token = token_of(LINKS.link(DIGEST, NOW + 60))
    other = "A" if token[position] != "A" else "B"
    forged = token[:position] + other + token[position + 1 :]
    assert LINKS.read(forged, NOW) in {None, (DIGEST, NOW + 60)}
    assert LINKS.read(forged, NOW) is None or position == 49  # the last character has bits that stand for nothing


@given(st.text(max_size=60))
def test_any_other_text_is_no_link(token):
    assert LINKS.read(token, NOW) is None

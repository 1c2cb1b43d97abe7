"""Which addresses the gateway may be made to fetch from."""

import pytest

from gateway.pushes.pictures.allow_list import AllowList

ALLOWED = AllowList(["http://10.0.0.5/photos/", "https://archive.city.test:8443/"])


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.5/photos/1.jpg",
        "http://10.0.0.5:80/photos/2026/05/1.jpg?size=big",
        "HTTP://10.0.0.5/photos/1.jpg",
        "https://archive.city.test:8443/a",
        "https://ARCHIVE.city.test:8443/a",
    ],
)
def test_what_an_entry_begins_is_allowed(url):
    assert ALLOWED.allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "photos/1.jpg",
        "http://10.0.0.5/",
        "http://10.0.0.5/photosets/1.jpg",
        "http://10.0.0.6/photos/1.jpg",
        "http://10.0.0.5:8080/photos/1.jpg",
        "https://10.0.0.5/photos/1.jpg",
        "ftp://10.0.0.5/photos/1.jpg",
        "file:///etc/passwd",
        "http://10.0.0.5.evil.test/photos/1.jpg",
        "http://10.0.0.5@evil.test/photos/1.jpg",
        "http://user@10.0.0.5/photos/1.jpg",
        "http://evil.test\\@10.0.0.5/photos/1.jpg",
        "http://10.0.0.5/photos/../admin",
        "http://10.0.0.5/photos/%2e%2e/admin",
        "http://10.0.0.5/photos/..%2Fadmin",
        "http://10.0.0.5/photos//evil",
        "http://10.0.0.5/photos\\..\\admin",
        "http://10.0.0.5/photos/\n",
        "http://10.0.0.5/photos/图.jpg",
        "http://10.0.0.5:port/photos/1.jpg",
        "http://[::1/photos/1.jpg",
    ],
)
def test_anything_else_is_not(url):
    assert not ALLOWED.allows(url)


@pytest.mark.parametrize(
    "entry", ["", "10.0.0.5", "http://10.0.0.5", "http://10.0.0.5/photos", "http://h/a?b/", "ftp://h/"]
)
def test_an_entry_is_the_beginning_of_a_url_that_ends_in_a_slash(entry):
    with pytest.raises(ValueError, match="expected the beginning of a URL"):
        AllowList([entry])


def test_without_entries_nothing_is_allowed():
    assert not AllowList([]).allows("http://10.0.0.5/photos/1.jpg")

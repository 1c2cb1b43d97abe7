"""What the pages point to is there: files, modules, make's targets, sections, options."""

import importlib.util
import itertools
import re

import pytest

from tests.docs.pages import PAGES, ROOT

PACKAGES = "gateway|queues|pushers|monitoring|runtime|loadtests|tests|docs"
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
FILES = {f"/{file.relative_to(ROOT)}" for package in PACKAGES.split("|") for file in (ROOT / package).rglob("*.*")}
FILES |= {"/run.py"}

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pages
def test_every_link_leads_to_a_file(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert not [link for link in links if not (page.parent / link).exists()]


@pages
def test_every_path_that_is_named_is_there(page):
    named = re.findall(rf"(?<![\w/.-])((?:{PACKAGES})/[\w./-]*\w)", page.read_text())
    assert not [path for path in named if not (ROOT / path).exists()]


@pages
def test_every_file_that_is_named_alone_is_there(page):
    named = set(re.findall(r"`([\w/]+\.(?:py|lua|csv))`", page.read_text()))
    assert not [name for name in named if not any(file.endswith(f"/{name}") for file in FILES)]


@pages
def test_numbered_lists_count_by_one(page):
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", page.read_text(), re.MULTILINE)]
    assert all(number in {1, before + 1} for before, number in itertools.pairwise([0, *numbers]))


@pages
def test_every_module_that_is_run_is_there(page):
    modules = re.findall(r"python -m ((?:tests|loadtests|monitoring)[\w.]*\w)", page.read_text())
    assert not [module for module in modules if importlib.util.find_spec(module) is None]


@pages
def test_every_target_of_make_is_there(page):
    assert set(re.findall(r"`make ([a-z]+)", page.read_text())) <= TARGETS


@pages
def test_nothing_points_outside_the_repository(page):
    assert not re.findall(r"\.\./\.\./|shared/", page.read_text())

"""The standard run, small, on real processes, to the file that people open."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e


def test_a_small_run_leaves_a_page_and_a_picture(tmp_path):
    results = tmp_path / "bench.jsonl"
    results.write_text('{"test": "S1", "cpu": 70.5}\n')
    picture = tmp_path / "picture.svg"
    command = [sys.executable, "-m", "loadtests.report", "--callbacks", "300", "--pushes", "200"]
    command += ["--folder", tmp_path, "--picture", picture, "--include", results]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    [html] = tmp_path.glob("*.html")
    assert run.stdout.strip() == str(html)
    text = html.read_text()
    assert "300 callbacks and 200 pushes acknowledged, 0 lost, 0 twice" in text
    assert "70.5" in text
    assert picture.read_text().startswith("<?xml")


def test_a_file_to_include_that_has_no_results_is_wrong_usage(tmp_path):
    command = [sys.executable, "-m", "loadtests.report", "--include", tmp_path / "none.jsonl"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "none.jsonl" in run.stderr

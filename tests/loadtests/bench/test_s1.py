import shutil

import pytest

from loadtests.bench import s1


@pytest.mark.e2e
def test_s1_measures_a_real_gateway_on_a_real_store():
    report = s1.run(1, 200, [8], [])
    (level,) = report.levels
    assert level.sides["tidegate"]["rate"] > 0
    assert level.ratios == {}


@pytest.mark.e2e
def test_a_peer_that_is_not_there_is_skipped_and_said_so(monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    report = s1.run(1, 50, [4], ["nginx-lua"])
    assert "apt-get install" in report.skipped["nginx-lua"]
    assert "nginx-lua is skipped" in capsys.readouterr().err

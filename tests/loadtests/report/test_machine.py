"""What is told of the machine is what the figures need."""

import platform
import socket

import pytest

from loadtests.report.machine import Commit, cpu_model, current_commit, look_around


def test_the_cpu_is_named_as_the_kernel_names_it(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nmodel name\t: A CPU @ 2.10GHz\n")
    assert cpu_model(path) == "A CPU @ 2.10GHz"


def test_without_a_name_it_is_the_architecture(tmp_path):
    path = tmp_path / "cpuinfo"
    assert cpu_model(path) == platform.machine()
    path.write_text("processor\t: 0\n")
    assert cpu_model(path) == platform.machine()


def test_no_hostname_is_told():
    told = " ".join(value for _, value in look_around("Valkey 9.0.0").facts())
    assert "Valkey 9.0.0" in told
    assert socket.gethostname() not in told


@pytest.mark.e2e
def test_outside_of_a_checkout_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert current_commit(tmp_path) == Commit("", changed=False)
    assert str(current_commit(tmp_path)) == "unknown"

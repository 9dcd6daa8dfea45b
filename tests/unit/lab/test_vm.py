"""What builds get from the VM: addresses and proxies, nothing that means something only on the VM."""

from __future__ import annotations

import subprocess

import pytest

from lab import vm


def pip_says(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    monkeypatch.setattr(vm, "run", lambda argv: subprocess.CompletedProcess(argv, 0, text, ""))
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    return vm.pip_conf()


def test_index_and_trusted_host_are_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "global.index-url='https://mirror.campus.example/simple'\nglobal.trusted-host='mirror.campus.example'\n"
    conf = pip_says(monkeypatch, text)
    assert "index-url = https://mirror.campus.example/simple\n" in conf
    assert "trusted-host = mirror.campus.example\n" in conf


def test_folders_of_the_vm_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    conf = pip_says(
        monkeypatch, "global.extra-index-url='file:///a https://b/simple'\nglobal.find-links='/c'\n"
    )
    assert conf == "[global]\nextra-index-url = https://b/simple\n"


def test_the_environment_wins_over_files(monkeypatch: pytest.MonkeyPatch) -> None:
    conf = pip_says(monkeypatch, "global.index-url='https://a/'\n:env:.index-url='https://b/'\n")
    assert "index-url = https://b/\n" in conf


def test_proxy_of_the_environment_reaches_apt_and_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vm, "run", lambda argv: subprocess.CompletedProcess(argv, 0, "", ""))
    monkeypatch.setenv("http_proxy", "http://proxy.campus.example:3128")
    monkeypatch.setenv("https_proxy", "http://proxy.campus.example:3128")
    assert 'Acquire::http::Proxy "http://proxy.campus.example:3128";\n' in vm.apt_conf()
    assert "proxy = http://proxy.campus.example:3128\n" in vm.pip_conf()

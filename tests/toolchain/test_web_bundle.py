"""The page is rebuilt when, and only when, something it is made of has changed."""

import shutil
from pathlib import Path

import pytest

from tools import web_bundle


def page(root: Path) -> Path:
    """A small web folder whose bundle is marked as built."""
    web, static = root / "web", root / "src" / "labelwright" / "server" / "static"
    (web / "src").mkdir(parents=True)
    static.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (web / name).write_text("{}", encoding="utf-8")
    (web / "src" / "main.tsx").write_text("export {};", encoding="utf-8")
    (static / ".stamp").write_text(web_bundle.fingerprint(web_bundle.sources(web), root=root), encoding="ascii")
    return web


def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def test_a_fresh_bundle_needs_no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page(tmp_path)
    nothing_installed(monkeypatch, tmp_path)
    assert web_bundle.build(tmp_path) is False


@pytest.mark.parametrize("changed", ["src/main.tsx", "src/new.ts", "package-lock.json", "vite.config.ts"])
def test_a_changed_source_makes_the_bundle_stale(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (page(tmp_path) / changed).write_text("changed", encoding="utf-8")
    nothing_installed(monkeypatch, tmp_path)
    with pytest.raises(web_bundle.CannotBuildError, match=r"node was not found on the PATH: install Node\.js 20\.19"):
        web_bundle.build(tmp_path)


def test_the_fingerprint_does_not_depend_on_where_the_tree_stands(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    page(here)
    shutil.copytree(here, there)
    assert web_bundle.fingerprint(web_bundle.sources(here / "web"), root=here) == web_bundle.fingerprint(
        web_bundle.sources(there / "web"), root=there
    )


def test_a_file_cannot_pass_for_another(tmp_path: Path) -> None:
    # "a" holding "bc" and "ab" holding "c" are different trees though their bytes in a row are the same.
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, name, body in ((one, "a", "bc"), (two, "ab", "c")):
        folder.mkdir()
        (folder / name).write_text(body, encoding="ascii")
    assert web_bundle.fingerprint([one / "a"], root=one) != web_bundle.fingerprint([two / "ab"], root=two)


def test_an_old_node_is_named_with_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page(tmp_path)
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho v18.2.0\n", encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(web_bundle.CannotBuildError, match=r"20\.19 or newer to build; .*node is v18\.2\.0"):
        web_bundle.find_npm()

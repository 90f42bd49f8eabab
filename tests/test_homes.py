from __future__ import annotations

import pytest

from thought import homes
from thought.errors import CorpusError
from thought.homes import data_file


@pytest.mark.parametrize("name", ["scenes.jsonl", "microworld/world.toml", "microworld/en.toml"])
def test_what_comes_with_the_package_is_found(name):
    assert data_file(name).is_file()
    assert data_file(name).as_posix().endswith(f"data/{name}")


def test_the_data_of_an_installed_package_lie_inside_it(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "thought"
    (package / "data").mkdir(parents=True)
    (package / "data" / "scenes.jsonl").write_text("{}\n", "utf-8")
    monkeypatch.setattr(homes, "_PACKAGE", package)
    assert data_file("scenes.jsonl") == package / "data" / "scenes.jsonl"


def test_in_the_repository_the_data_lie_beside_the_package(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "scenes.jsonl").write_text("{}\n", "utf-8")
    monkeypatch.setattr(homes, "_PACKAGE", tmp_path / "thought")
    assert data_file("scenes.jsonl") == tmp_path / "data" / "scenes.jsonl"


@pytest.mark.parametrize("name", ["nothing.toml", "microworld"])
def test_what_is_missing_or_a_folder_is_said_with_the_remedy(name):
    with pytest.raises(CorpusError, match=f"{name} is not among the data of the package; install it again"):
        data_file(name)

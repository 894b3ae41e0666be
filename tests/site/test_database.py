"""Which database GEZHI_DATABASE_URL names."""

from pathlib import Path

import pytest

from gezhi.site.database import database_config


def test_without_a_url_the_data_folder_holds_a_sqlite_file(tmp_path: Path) -> None:
    config = database_config("", tmp_path)
    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["NAME"] == str(tmp_path / "gezhi.sqlite3")


def test_a_postgresql_url_is_taken_apart_and_unquoted(tmp_path: Path) -> None:
    config = database_config("postgresql://gezhi:p%40ss%2Fword@db.example:5433/district", tmp_path)
    wanted = {"NAME": "district", "USER": "gezhi", "PASSWORD": "p@ss/word", "HOST": "db.example"}
    assert {name: config[name] for name in wanted} == wanted
    assert config["PORT"] == "5433"


def test_a_socket_folder_may_stand_for_the_host(tmp_path: Path) -> None:
    config = database_config("postgresql://gezhi@/district?host=/run/postgresql", tmp_path)
    assert config["HOST"] == "/run/postgresql"


def test_another_kind_of_database_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="starts with mysql://"):
        database_config("mysql://db.example/district", tmp_path)

"""Fetching pip for a Python that came without it, from an index in a folder."""

import hashlib
from pathlib import Path

import pytest

from gezhi.site import bootstrap

WHEEL = b"not really a wheel"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An index of two files whose page of pip names them by relative addresses."""
    (tmp_path / "pip").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "pip-26.3-py3-none-any.whl").write_bytes(WHEEL)
    links = '<a href="../files/pip-9.0-py2.py3-none-any.whl#sha256=00">old</a>'
    links += '<a href="../files/pip-26.3-py3-none-any.whl#sha256=11">new</a>'
    monkeypatch.setattr(bootstrap, "_read", _from_folder)
    (tmp_path / "pip" / "index.html").write_text(links)
    return tmp_path.as_uri()


def _from_folder(url: str, trust: object) -> bytes:
    path = Path(url.removeprefix("file://"))
    return (path / "index.html" if path.is_dir() else path).read_bytes()


def test_the_pinned_wheel_is_found_on_the_page_of_the_index(index: str) -> None:
    url = bootstrap.wheel_url(index, "pip-26.3-py3-none-any.whl")
    assert bootstrap.fetch(url) == WHEEL


def test_a_version_the_index_lacks_is_said_plainly(index: str) -> None:
    with pytest.raises(SystemExit, match="has no pip-27"):
        bootstrap.wheel_url(index, "pip-27.0-py3-none-any.whl")


def test_the_lock_file_tells_version_and_hashes(tmp_path: Path) -> None:
    digest = hashlib.sha256(WHEEL).hexdigest()
    lock = tmp_path / "pip.txt"
    lock.write_text(f"# made by hand\npip==26.3 \\\n    --hash=sha256:{digest}\n")
    assert bootstrap.pinned(lock) == ("26.3", {digest})


def test_a_wheel_of_another_hash_is_refused(
    index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "pip.txt"
    lock.write_text(f"pip==26.3 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setenv("PIP_INDEX_URL", index)
    monkeypatch.setattr("sys.argv", ["bootstrap.py", str(lock)])
    with pytest.raises(SystemExit, match="its hash differs"):
        bootstrap.main()


def test_the_environment_goes_before_pip_conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    assert bootstrap.setting("index-url") == "https://mirror.example/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://other.example/simple")
    assert bootstrap.setting("index-url") == "https://other.example/simple"

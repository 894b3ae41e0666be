"""Put pip into a fresh environment whose Python came without ensurepip, as on bare Debian.

    .venv/bin/python -I src/gezhi/site/bootstrap.py requirements/pip.txt

It runs before anything is installed, so it uses the standard library alone. The wheel comes from the
package index this machine is set to (the same places pip itself looks in) and counts only if its
SHA-256 stands in the lock file.
"""

import hashlib
import html.parser
import os
import re
import ssl
import subprocess
import sys
import tempfile
from configparser import ConfigParser
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

PUBLIC_INDEX = "https://pypi.org/simple"  # pip's own default, for a machine that sets none
WHEEL = "pip-{version}-py3-none-any.whl"


class Links(html.parser.HTMLParser):
    """Every href of a page of the index (PEP 503: every index can answer in HTML)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def setting(name: str) -> str:
    """A setting of pip such as index-url: the environment's, else the user's, else the machine's."""
    value = os.environ.get("PIP_" + name.upper().replace("-", "_"), "")
    if value:
        return value
    home = Path.home()
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    own = os.environ.get("PIP_CONFIG_FILE", "")
    nearest_first = [own] if own else []
    nearest_first += [str(config_home / "pip/pip.conf"), str(home / ".pip/pip.conf"), "/etc/pip.conf"]
    for file in nearest_first:
        config = ConfigParser(interpolation=None)
        config.read(file)
        for section in ("install", "global"):
            if config.has_option(section, name):
                return config.get(section, name)
    return ""


def pinned(lock: Path) -> tuple[str, set[str]]:
    """The version and the hashes of pip in a lock file."""
    text = lock.read_text()
    version = re.search(r"^pip==(\S+)", text, re.MULTILINE)
    if not version:
        raise SystemExit(f"{lock} does not name a version of pip.")
    return version[1], set(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))


def fetch(url: str) -> bytes:
    """The bytes behind a URL.

    A bare system may hold no certificate authorities. The hash in the lock file then vouches for the
    wheel by itself, so the connection is allowed without them; pip brings its own for all the rest.
    """
    if urlsplit(url).scheme not in ("https", "http", "file"):
        raise SystemExit(f"The package index answers with an address we do not follow: {url}")
    trust = ssl.create_default_context(cafile=setting("cert") or None)
    try:
        return _read(url, trust)
    except URLError as error:
        if not isinstance(error.reason, ssl.SSLCertVerificationError):
            raise
    return _read(url, ssl._create_unverified_context())  # noqa: S323 (checked by hash, see above)


def _read(url: str, trust: ssl.SSLContext) -> bytes:
    with urlopen(url, timeout=60, context=trust) as answer:  # noqa: S310 (scheme checked in fetch)
        body: bytes = answer.read()
    return body


def wheel_url(index: str, name: str) -> str:
    """Where the index keeps the wheel called `name`."""
    page = index.rstrip("/") + "/pip/"
    links = Links()
    links.feed(fetch(page).decode())
    for href in links.found:
        address = urljoin(page, href)
        if urlsplit(address).path.endswith("/" + name):
            return address.partition("#")[0]
    raise SystemExit(f"{page} has no {name}.")


def main() -> None:
    """Fetch the pinned wheel, check it, and let it install itself."""
    version, hashes = pinned(Path(sys.argv[1]))
    name = WHEEL.format(version=version)
    index = setting("index-url") or PUBLIC_INDEX
    try:
        wheel = fetch(wheel_url(index, name))
    except URLError as error:
        raise SystemExit(
            f"pip could not be fetched from {index} ({error.reason}). Set PIP_INDEX_URL to an index "
            "you can reach, or install your system's python3-venv package."
        ) from error
    if hashlib.sha256(wheel).hexdigest() not in hashes:
        raise SystemExit(f"{name} from {index} is not the file {sys.argv[1]} names: its hash differs.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(wheel)
        install = [f"{path}/pip", "install", "--quiet", "--no-index", "--no-deps", str(path)]
        subprocess.run([sys.executable, *install], check=True)  # noqa: S603


if __name__ == "__main__":
    main()

"""A mail server that only counts: which addresses were written to, and how often."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


class Mailbox(ThreadingTCPServer):
    """Listens on a free port of the loopback."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.received: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"smtp+plain://127.0.0.1:{self.server_address[1]}"


class Talk(StreamRequestHandler):
    """One conversation, as far as a mail needs it."""

    server: Mailbox

    def handle(self) -> None:
        self.say(220)
        to: list[str] = []
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"RCPT":
                to.append(line.partition(b"<")[2].partition(b">")[0].decode())
            elif word == b"DATA":
                self.say(354)
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.received.update(to)
                to = []
            self.say(221 if word == b"QUIT" else 250)
            if word == b"QUIT":
                return

    def say(self, code: int) -> None:
        self.wfile.write(b"%d go on\r\n" % code)


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        Thread(target=box.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        try:
            yield box
        finally:
            box.shutdown()

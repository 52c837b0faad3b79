"""Stands between a client and its server of SIP over TCP, and changes what
passes: for recordings of what real clients do with answers that are wrong."""
import re
import socket
import threading


def messages(sock):
    """Whole messages, and the line ends between them."""
    data = b""
    while True:
        ends = re.match(rb"(?:\r\n)+", data)
        if ends:
            yield ends.group(0)
            data = data[ends.end():]
            continue
        head = data.find(b"\r\n\r\n")
        if head >= 0:
            length = re.search(rb"(?im)^content-length:\s*(\d+)", data[:head])
            end = head + 4 + (int(length.group(1)) if length else 0)
            if len(data) >= end:
                yield data[:end]
                data = data[end:]
                continue
        try:
            more = sock.recv(65536)
        except OSError:
            return
        if not more:
            return
        data += more


class Message:
    """Lines of its head, and its body, to be changed."""

    def __init__(self, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        self.lines = head.decode("utf-8", "replace").split("\r\n")
        self.body = body.decode("utf-8", "replace")

    def header(self, name):
        for line in self.lines[1:]:
            if line.lower().startswith(name.lower() + ":"):
                return line.split(":", 1)[1].strip()
        return ""

    @property
    def method(self):
        return self.header("CSeq").split()[-1]

    @property
    def status(self):
        """0 of a request."""
        words = self.lines[0].split()
        return int(words[1]) if words[0].startswith("SIP/") else 0

    def sub(self, pattern, to):
        lines = re.sub(pattern, to, "\n".join(self.lines), flags=re.M | re.I)
        self.lines = [line for line in lines.split("\n") if line]

    def drop(self, name):
        self.lines = [line for line in self.lines
                      if not line.lower().startswith(name.lower() + ":")]

    def answer(self, line, *headers):
        """An answer of our own to this request."""
        kept = [k + (";tag=changed" if k.lower().startswith("to:") and
                     ";tag=" not in k else "") for k in self.lines[1:]
                if k.split(":")[0].lower() in ("via", "from", "to", "call-id",
                                               "cseq")]
        made = Message(b"")
        made.lines = ["SIP/2.0 " + line, *kept, *headers]
        return made

    def bytes(self):
        body = self.body.encode()
        lines = [line for line in self.lines
                 if not line.lower().startswith("content-length:")]
        lines.append("Content-Length: %d" % len(body))
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


DROP, CLOSE = object(), object()


class Between:
    """change(message) does that in place, or returns DROP, CLOSE, or a Message
    that goes back to whom it came from instead."""

    def __init__(self, listen, server, change):
        self.change, self.server = change, server
        self.ends = []
        self.listener = socket.create_server(listen)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.server)
            self.ends += [client, server]
            for ways in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=ways,
                                 daemon=True).start()

    def pass_on(self, raw, source, target):
        """False: it is over."""
        if not raw.strip():
            target.sendall(raw)
            return True
        message = Message(raw)
        made = self.change(message)
        if isinstance(made, Message):
            source.sendall(made.bytes())
        elif made is not DROP and made is not CLOSE:
            target.sendall(message.bytes())
        return made is not CLOSE

    def carry(self, source, target):
        try:
            for raw in messages(source):
                if not self.pass_on(raw, source, target):
                    break
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
        for end in self.ends:
            end.close()

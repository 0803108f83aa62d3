"""An editor that speaks to `slm-net server` in its own process, message by message."""

import json
import queue
import subprocess
import sys
import threading

from cli_helpers import environment

TIMEOUT = 60
WHOLE = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}}}


class Client:
    """Opens and changes texts, asks, and keeps the latest diagnostics of each."""

    def __init__(self, folder, capabilities=WHOLE):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "slm_net", "server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment(),
        )
        self._messages, self._answers, self._number = queue.Queue(), {}, 0
        self.shown, self._versions = [], {}
        threading.Thread(target=self._read, daemon=True).start()
        parameters = {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities}
        self.capabilities = self.ask("initialize", **parameters)["capabilities"]
        self.tell("initialized")

    def _read(self):
        out = self._process.stdout
        while line := out.readline():
            length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else 0
            if length:
                while out.readline().strip():
                    pass
                self._messages.put(json.loads(out.read(length)))
        self._messages.put(None)

    def _send(self, message):
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._process.stdin.flush()

    def _until(self, wanted):
        """The next message that is wanted."""
        while True:
            message = self._messages.get(timeout=TIMEOUT)
            assert message is not None, "the server has ended"
            if message.get("method") == "window/showMessage":
                self.shown.append(message["params"]["message"])
            if wanted(message):
                return message

    def tell(self, method, **parameters):
        self._send({"method": method, "params": parameters})

    def answer(self, method, **parameters):
        """The whole answer to a request, which may be an error."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": parameters})
        return self._until(lambda message: message.get("id") == self._number and "method" not in message)

    def ask(self, method, **parameters):
        answer = self.answer(method, **parameters)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path, text, language="json"):
        """Open a text; its diagnostics."""
        uri = path if isinstance(path, str) else path.as_uri()
        self._versions[uri] = 1
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return self.diagnostics(uri, 1)

    def change(self, path, text):
        """Another text; its diagnostics."""
        uri = path if isinstance(path, str) else path.as_uri()
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])
        return self.diagnostics(uri, self._versions[uri])

    def diagnostics(self, uri, version):
        def told(message):
            parameters = message.get("params") or {}
            is_told = message.get("method") == "textDocument/publishDiagnostics"
            return is_told and parameters["uri"] == uri and parameters.get("version") == version

        return self._until(told)["params"]["diagnostics"]

    def at(self, method, path, text, offset, **more):
        """Ask about a place of a text."""
        position = place(text, offset)
        return self.ask(f"textDocument/{method}", textDocument={"uri": path.as_uri()}, position=position, **more)

    def actions(self, path, text, only=None, kind=1):
        """The code actions of a whole text."""
        whole = {"start": {"line": 0, "character": 0}, "end": place(text, len(text))}
        context = {"diagnostics": [], "triggerKind": kind, **({"only": only} if only else {})}
        return self.ask("textDocument/codeAction", textDocument={"uri": path.as_uri()}, range=whole, context=context)

    def end(self):
        """Shut down in order; the exit code."""
        self.ask("shutdown")
        self.tell("exit")
        return self._process.wait(TIMEOUT)

    def kill(self):
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            stream.close()


def place(text, offset):
    """A place as editors count it: lines, and units of UTF-16."""
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return {"line": len(lines) - 1, "character": len(lines[-1].encode("utf-16-le")) // 2}


def offset_of(text, position):
    """The offset of a place."""
    lines, at = text.splitlines(keepends=True), 0
    at = sum(map(len, lines[: position["line"]]))
    line = lines[position["line"]] if position["line"] < len(lines) else ""
    return at + len(line.encode("utf-16-le")[: 2 * position["character"]].decode("utf-16-le"))


def applied(text, action):
    """The text after a code action."""
    [edits] = action["edit"]["changes"].values()
    for edit in sorted(edits, key=lambda edit: offset_of(text, edit["range"]["start"]), reverse=True):
        start, end = (offset_of(text, edit["range"][side]) for side in ("start", "end"))
        text = text[:start] + edit["newText"] + text[end:]
    return text


def spanned(text, diagnostic):
    """What a diagnostic underlines."""
    return text[slice(*(offset_of(text, diagnostic["range"][side]) for side in ("start", "end")))]

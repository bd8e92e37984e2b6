"""Verifies a record in Chromium as a reader does: verify.py BASE RECORD NETWORK WITNESS   Only the standard library.

The network and the witness are what the reader trusts. Every verdict is read from the page: of the honest proof, of another network, and of
proofs that a node tampered with on the way, of which each must be named. With SHOTS=DIRECTORY pictures are kept.
"""

import base64
import hashlib
import json
import shutil
import sys

import check

RESULT = "document.querySelector('#verify .result')?.innerText ?? ''"


class Reader(check.Chromium):
    """A browser whose proofs pass through `tamper` on their way, where that is set."""

    tamper = None

    def run(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def listen(self):
        self.ask("Fetch.enable", patterns=[{"urlPattern": "*/api/v1/bundle/*", "requestStage": "Response"}])

    def answer_all(self):
        paused = [event["params"] for event in self.events if event.get("method") == "Fetch.requestPaused"]
        self.events = [event for event in self.events if event.get("method") != "Fetch.requestPaused"]
        for each in paused:
            body = self.ask("Fetch.getResponseBody", requestId=each["requestId"])
            raw = base64.b64decode(body["body"]) if body["base64Encoded"] else body["body"].encode()
            changed = self.tamper(raw) if self.tamper else raw
            self.ask("Fetch.fulfillRequest", requestId=each["requestId"], responseCode=200, body=base64.b64encode(changed).decode(),
                     responseHeaders=[{"name": "content-type", "value": "application/octet-stream"}])

    def verify(self, network, witness=""):
        """Fills in what the reader trusts, presses the button, and gives what the page then says."""
        self.run(f"""(() => {{
            document.getElementById('verify-network').value = {json.dumps(network)};
            document.getElementById('verify-witnesses').value = {json.dumps(witness)};
            document.querySelector('#verify .result').replaceChildren();
            document.querySelector('#verify button').click();
        }})()""")
        for _ in range(600):
            said = self.run(RESULT)
            self.answer_all()
            if said and said != "Checking…":
                return said
            self.run("new Promise((done) => setTimeout(done, 20))")
        raise SystemExit("the page says nothing")


def repaired(raw):
    """With the digest that somebody would write who means to deceive."""
    return raw[:-32] + hashlib.sha256(b"koinon/v1/bundle\0" + raw[:-32]).digest()


def flipped(at):
    def change(raw):
        place = at(raw)
        return repaired(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1:])
    return change


def body(raw):
    """Where the body of the last record begins: its length stands before it, and a proof behind it."""
    for at in (each for each in range(len(raw)) if raw[each:each + 2] == b'{"'):
        end = at + int.from_bytes(raw[at - 8:at], "big")
        if len(raw) - end == 8 + 8 + 32 * int.from_bytes(raw[end + 8:end + 16], "big") + 32:
            return at
    raise SystemExit("the proof has no body")


def cosigned(raw):
    """Another character in the last line of the note, still base64, and not where its bits are padding."""
    at = raw.rindex("— ".encode()) + 100
    return repaired(raw[:at] + (b"B" if raw[at:at + 1] != b"B" else b"C") + raw[at + 1:])


TAMPERED = {
    "Damaged": lambda raw: raw[:900] + bytes([raw[900] ^ 1]) + raw[901:],
    "Magic": lambda raw: b"<html>" + raw,
    "changed_body": flipped(lambda raw: body(raw) + 30),
    # In front of a body: a mark, a salt, a length.
    "bad_signature": flipped(lambda raw: body(raw) - 8 - 32 - 1 - 10),
    "bad_cosignature": cosigned,
    "not_included": flipped(lambda raw: len(raw) - 33),
}


def expect(said, *parts):
    for part in parts:
        if part not in said:
            raise SystemExit(f"the page does not say {part!r} but:\n{said}")


def look(reader, name):
    """What check.py asks of every page, of this one with its result."""
    for width, height in check.SIZES:
        for scheme in check.SCHEMES:
            reader.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
            reader.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                              {"name": "prefers-reduced-motion", "value": "reduce"}])
            problems = reader.run(check.LOOK)
            if problems:
                raise SystemExit(f"{name} at {width}, {scheme}: {problems}")
            check.keep(reader, f"verify-{name}-{width}-{scheme}")


def main(base, record, network, witness):
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        raise SystemExit("Chromium is missing: apt-get install chromium")
    reader, address = Reader(program), f"{base}/record/{record}"
    try:
        reader.listen()
        reader.open(address)
        expect(reader.verify(""), "Consistent", network, "Compare this")
        said = reader.verify(network)
        expect(said, "Verified in this browser", "which you trust", "content is the one that was signed", "as a founder",
               "witnesses that the node named", "What was signed")
        look(reader, "good")
        expect(reader.verify(network, witness), "Verified in this browser", "witnesses that you named")
        stranger = witness[:-3]
        expect(reader.verify(network, stranger), "Not verified", "(Key)")
        expect(reader.verify("0" * 64), "Not verified", "(Network)")
        expect(reader.verify("xyz"), "64 digits")
        reader.verify(network, witness)
        reader.open(address)
        if reader.run("document.getElementById('verify-network').value") != network:
            raise SystemExit("the browser forgot which network the reader trusts")
        for name, reader.tamper in TAMPERED.items():
            expect(reader.verify(network), "Not verified", f"({name})")
        reader.tamper = TAMPERED["changed_body"]
        said = reader.verify(network)
        if "What was signed" in said:
            raise SystemExit("a changed text is shown as if it had been signed")
        look(reader, "bad")
        said = [each for each in reader.said(address) if "favicon" not in each]
        if said:
            raise SystemExit(f"the console says {said}")
        reader.ask("Emulation.setScriptExecutionDisabled", value=True)
        reader.open(address)
        document = reader.ask("DOM.getDocument")["root"]["nodeId"]
        found = reader.ask("DOM.querySelector", nodeId=document, selector="#verify[hidden]")["nodeId"]
        if not found:
            raise SystemExit("without scripts there is a box that does nothing")
    finally:
        reader.close()
    print(f"verified, and {len(TAMPERED)} kinds of tampering were named")


if __name__ == "__main__":
    main(*sys.argv[1:])

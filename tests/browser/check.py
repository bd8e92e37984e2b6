"""Looks at pages in Chromium: check.py BASE ADDRESS...   Only the standard library.

Each page is opened 320 and 1280 pixels wide, light and dark. It fails when a page scrolls sideways or sticks out, a shape has no size, the
style sheet did not apply, text is too faint (WCAG 2.1, 1.4.3), a target is too small (WCAG 2.2, 2.5.8), or the console says anything. With
SHOTS=DIRECTORY a picture of each is kept.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

SIZES = [(320, 800), (1280, 900)]
SCHEMES = ["light", "dark"]

# Runs in the page: what a reader would stumble over.
LOOK = r"""
(() => {
  const found = [];
  const shown = (e) => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
  const name = (e) => e.tagName.toLowerCase() + (e.className && e.className.baseVal === undefined ? '.' + e.className : '') + ' "' + e.textContent.trim().slice(0, 40) + '"';
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth} wide on ${width}`);
  const hidden = (e) => e.closest('.hidden, .skip, .scroll, pre');
  for (const e of document.body.querySelectorAll('*')) {
    if (!shown(e) || hidden(e)) continue;
    const box = e.getBoundingClientRect();
    if (box.right > width + 1 || box.left < -1) found.push(`sticks out: ${name(e)} from ${box.left} to ${box.right}`);
  }
  for (const e of document.querySelectorAll('svg circle')) {
    if (e.getBoundingClientRect().width < 2) found.push('a shape has no size');
  }
  if (getComputedStyle(document.querySelector('header.top')).backgroundColor === 'rgba(0, 0, 0, 0)') found.push('no style sheet');
  const rgb = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const line = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * line(r) + 0.7152 * line(g) + 0.0722 * line(b);
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; }
    return [255, 255, 255];
  };
  for (const e of document.body.querySelectorAll('*')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !shown(e) || e.closest('.hidden, .skip')) continue;
    const style = getComputedStyle(e), a = light(rgb(style.color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`too faint (${ratio.toFixed(2)}): ${name(e)}`);
  }
  for (const e of document.querySelectorAll('nav a, button, .facets a, summary')) {
    const box = e.getBoundingClientRect();
    if (shown(e) && !e.closest('.crumbs') && box.height < 24) found.push(`too small a target (${box.height.toFixed(0)}): ${name(e)}`);
  }
  return found;
})()
"""


class Chromium:
    """A browser that is spoken to over a pipe (the DevTools protocol, messages ended by a zero byte)."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.write = os.pipe()
        self.read, to_write = os.pipe()

        def pipes():
            # Not 3 and 4 at once: one of the pipes may already have that number.
            a, b = os.dup(to_read), os.dup(to_write)
            a, b = os.dup(a), os.dup(b)
            os.dup2(a, 3), os.dup2(b, 4)

        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
                     "--lang=en", f"--user-data-dir={self.folder.name}", "about:blank"]
        self.process = subprocess.Popen([program, *arguments], preexec_fn=pipes, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read), os.close(to_write)
        self.number, self.rest, self.events = 0, b"", []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def next(self):
        while b"\0" not in self.rest:
            part = os.read(self.read, 1 << 20)
            if not part:
                raise SystemExit("Chromium ended")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, address):
        self.events.clear()
        self.ask("Page.navigate", url=address)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.next())

    def said(self, address):
        """What the console says; that a page has another status than 200 is no fault of it."""
        entries = [event["params"]["entry"] for event in self.events if event.get("method") == "Log.entryAdded"]
        entries = [entry["text"] for entry in entries if (entry["source"], entry.get("url")) != ("network", address)]
        return entries + [f"it ran {event['params']['type']}" for event in self.events if event.get("method") == "Runtime.consoleAPICalled"]

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def look(browser, address, width, height, scheme):
    browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                        {"name": "prefers-reduced-motion", "value": "reduce"}])
    browser.open(address)
    result = browser.ask("Runtime.evaluate", expression=LOOK, returnByValue=True)
    if "exceptionDetails" in result:
        raise SystemExit(result["exceptionDetails"])
    return result["result"]["value"] + browser.said(address)


def keep(browser, name):
    folder = os.environ.get("SHOTS")
    if folder:
        picture = browser.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(os.path.join(folder, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(picture))


def main(base, addresses):
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        raise SystemExit("Chromium is missing: apt-get install chromium")
    browser, bad = Chromium(program), 0
    try:
        for number, address in enumerate(addresses):
            for width, height in SIZES:
                for scheme in SCHEMES:
                    for problem in look(browser, base + address, width, height, scheme):
                        print(f"{address[:40]} at {width}, {scheme}: {problem}")
                        bad += 1
                    keep(browser, f"{number:02}-{width}-{scheme}")
    finally:
        browser.close()
    print(f"{len(addresses)} pages, {len(SIZES) * len(SCHEMES)} views of each, {bad} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

"""The distribution's Chromium, driven by the DevTools protocol."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from websockets.sync.client import connect

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

ELSEWHERE = "page.test"
"""A name of this machine that browsers hold for another machine's."""

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)

OBSERVER = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI));
window.heard = [];
window.called = [];
const connect = AudioNode.prototype.connect;
const keep = (node, target, sound) => {
  const tap = target.context.createScriptProcessor(4096, 1, 1);
  tap.onaudioprocess = (e) => sound.push(...e.inputBuffer.getChannelData(0));
  connect.call(node, tap);
  connect.call(tap, target);
  window.heardRate = target.context.sampleRate;
};
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) keep(this, target, heard);
  return connect.call(this, target, ...rest);
};
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    peers.push(this);
    this.addEventListener("track", ({ track }) => {
      const context = new AudioContext();
      const source = context.createMediaStreamSource(new MediaStream([track]));
      keep(source, context.destination, called);
    });
  }
};
"""
"""Keeps what the page plays (`heard`), what a call brings (`called`), its calls, and what its security policy refused."""


class Chromium:
    """A browser without a screen. `microphone`: the WAV file that is spoken into it, again and
    again; with `%noloop` at its end, once. `folder`: for its profile."""

    def __init__(self, folder: Path, microphone: str) -> None:
        assert BROWSER is not None
        options = [*OPTIONS, f"--use-file-for-fake-audio-capture={microphone}"]
        self._process = subprocess.Popen(
            [BROWSER, *options, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port, path = _until(lambda: _lines(folder / "DevToolsActivePort"), 30)
        self._ending = ExitStack()
        self._socket = self._ending.enter_context(
            connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None)
        )
        self._count = 0
        self._events: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()
        self._process.terminate()
        self._process.wait(timeout=20)

    def open(self, url: str, *, downloads: Path | None = None, **media: str) -> Tab:
        """A page in a context of its own. `downloads`: where files are saved. `media`: features, as `prefers_color_scheme="dark"`."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        if downloads is not None:
            self.call(
                "Browser.setDownloadBehavior",
                behavior="allow",
                browserContextId=context,
                downloadPath=str(downloads),
            )
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        tab = Tab(self, attached["sessionId"], target["targetId"])
        tab.prepare(media)
        tab.call("Page.navigate", url=url)
        tab.wait("document.readyState === 'complete'")
        return tab

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Calls a method of the protocol.

        Raises:
            RuntimeError: the browser refused.
        """
        self._count += 1
        request = {"id": self._count, "method": method, "params": params}
        if session:
            request["sessionId"] = session
        self._socket.send(json.dumps(request))
        while True:
            message = json.loads(self._socket.recv(timeout=30))
            if message.get("id") == self._count:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            if "method" in message:
                self._events.setdefault(message.get("sessionId", ""), []).append(message)

    def events(self, session: str) -> list[dict[str, Any]]:
        """What was told of one tab so far."""
        return self._events.get(session, [])


class Tab:
    """One page."""

    def __init__(self, browser: Chromium, session: str, target: str) -> None:
        self._browser, self._session, self._target = browser, session, target

    def prepare(self, media: dict[str, str]) -> None:
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=OBSERVER)
        self.emulate(media)
        self.resize(1280, 800)

    def emulate(self, media: dict[str, str]) -> None:
        """What the page finds of its media features."""
        features = [{"name": key.replace("_", "-"), "value": value} for key, value in media.items()]
        self.call("Emulation.setEmulatedMedia", features=features)

    def close(self) -> None:
        self._browser.call("Target.closeTarget", targetId=self._target)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)

    def resize(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def run(self, script: str) -> Any:
        """The value of an expression, awaited; as a person's doing.

        Raises:
            RuntimeError: it threw.
        """
        result = self.call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 15) -> None:
        """Waits until an expression is true.

        Raises:
            TimeoutError: it did not become so.
        """
        _until(lambda: self.run(f"Boolean({script})"), seconds, script)

    def click(self, selector: str) -> None:
        """As a person with a mouse."""
        x, y = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); "
            "e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect(); "
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def key(self, key: str, code: str = "", text: str = "", *, up: bool = True) -> None:
        """Presses a key, and lets it go again but for `up=False`."""
        names = {"key": key, "code": code or key, "windowsVirtualKeyCode": KEY_CODES.get(key, 0)}
        kind = "keyDown" if text else "rawKeyDown"
        self.call("Input.dispatchKeyEvent", type=kind, text=text, **names)
        if up:
            self.let_go(key, code)

    def let_go(self, key: str, code: str = "") -> None:
        names = {"key": key, "code": code or key, "windowsVirtualKeyCode": KEY_CODES.get(key, 0)}
        self.call("Input.dispatchKeyEvent", type="keyUp", **names)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def text(self, selector: str) -> str:
        """What a person reads there."""
        return str(self.run(f"document.querySelector({json.dumps(selector)}).innerText"))

    def screenshot(self, path: Path) -> None:
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the browser told of it so far."""
        return self._browser.events(self._session)

    @property
    def problems(self) -> list[str]:
        """Errors on the console, exceptions, and what the security policy refused."""
        found = [str(one) for one in self.run("window.violations")]
        for event in self.events:
            params = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(params["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(params["entry"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] == "error":
                found.append(json.dumps(params["args"]))
        return found

    @property
    def addresses(self) -> set[str]:
        """Everything that was asked for over the network."""
        self.run("0")
        found = set()
        for event in self.events:
            if event["method"] == "Network.requestWillBeSent":
                found.add(event["params"]["request"]["url"])
            elif event["method"] == "Network.webSocketCreated":
                found.add(event["params"]["url"])
        return found


KEY_CODES = {"Escape": 27, " ": 32, "Enter": 13, "Tab": 9}


def _lines(path: Path) -> list[str]:
    """The two lines of a file, once both are there."""
    lines = path.read_text().split() if path.exists() else []
    return lines if len(lines) == 2 else []


def _until(found: Any, seconds: float, what: str = "the browser") -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.03)
    raise TimeoutError(f"not within {seconds:g} s: {what}")

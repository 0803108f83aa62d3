"""The site in Chromium, as people see it: it fits its window, asks nobody else for anything, can be searched, and
axe-core finds no serious fault."""

import functools
import http.server
import itertools
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from node_packages import answers, installed

pytest.importorskip("zensical")
pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent
PAGES = ("", "docs/reference/losses/", "docs/gallery/", "docs/api/")
SCRIPT = """
const {chromium} = require("playwright-core"), fs = require("fs");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
(async () => {
  const {browser: executablePath, site, page, colorScheme} = JSON.parse(fs.readFileSync(0));
  const browser = await chromium.launch({executablePath, args: flags}), found = [];
  for (const width of [400, 1000, 1600]) {
    const context = await browser.newContext({viewport: {width, height: 800}, colorScheme, bypassCSP: true});
    const tab = await context.newPage(), said = [];
    tab.on("console", message => said.push(message.text()));
    tab.on("pageerror", error => said.push(String(error)));
    tab.on("request", request => /^(data|blob):/.test(request.url()) || request.url().startsWith(site) ||
      said.push(request.url()));
    await tab.goto(site + page);
    await tab.evaluate(axe);
    const faults = (await tab.evaluate(() => axe.run())).violations.filter(each => /serious|critical/.test(each.impact))
      .map(each => each.id + " " + each.nodes[0].html.slice(0, 200));
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    const missing = await tab.$$eval("img", all => all.filter(each => each.complete && !each.naturalWidth)
      .map(each => each.src));
    found.push({page, width, colorScheme, said, faults, wide, missing});
    await context.close();
  }
  await browser.close();
  console.log(JSON.stringify(found));
})();
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    """Where the site is served, built anew."""
    done = subprocess.run([sys.executable, ".ci/site.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    handler = functools.partial(Quiet, directory=str(ROOT / "build" / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_site_in_a_browser(site, tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("there is no chromium")
    folder = installed(tmp_path, "playwright-core@1", "axe-core@4")
    for page, scheme in itertools.product(PAGES, ("light", "dark")):
        found = answers(folder, SCRIPT, {"browser": browser, "site": site, "page": page, "colorScheme": scheme})
        assert len(found) == 3
        for each in found:
            assert (each["said"], each["faults"], each["wide"], each["missing"]) == ([], [], False, []), each

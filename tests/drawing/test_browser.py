"""The page in Chromium, as people see it: it fits its window, help shows, and axe-core finds no serious fault."""

import shutil

import pytest
from agents_shown import shown
from node_packages import answers, installed
from test_specs import FILES

from slm_net.document.specs import read_document
from slm_net.drawing.page import as_page

pytestmark = pytest.mark.browser
PACKAGES = "playwright-core@1", "axe-core@4"
PAGES = ("dueling_conv", "sac_bipedalwalker", "arc_fusion")
SCRIPT = """
const {chromium} = require("playwright-core"), fs = require("fs");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
(async () => {
  const {browser: executablePath, pages} = JSON.parse(fs.readFileSync(0));
  const browser = await chromium.launch({executablePath, args: flags}), found = [];
  for (const page of pages) for (const colorScheme of ["light", "dark"]) for (const width of [400, 1000, 1600]) {
    const context = await browser.newContext({viewport: {width, height: 800}, colorScheme, bypassCSP: true});
    const tab = await context.newPage(), said = [];
    tab.on("console", message => said.push(message.text()));
    tab.on("pageerror", error => said.push(String(error)));
    tab.on("request", request => request.url().startsWith("file:") || said.push(request.url()));
    await tab.goto("file://" + page);
    await tab.evaluate(axe);
    const faults = (await tab.evaluate(() => axe.run())).violations.map(each => each.impact + " " + each.id);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    const help = () => tab.$$eval(".help:not([hidden])", all => all.map(each => each.textContent));
    await tab.focus(".key >> nth=0");
    const focused = await help();
    await tab.keyboard.press("Escape");
    const escaped = await help();
    await tab.hover(".key >> nth=1");
    found.push({page, width, colorScheme, said, faults, wide, focused, escaped, hovered: await help()});
    await context.close();
  }
  await browser.close();
  console.log(JSON.stringify(found));
})();
"""


def test_the_page_in_a_browser(tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("there is no chromium")
    pages = []
    for path in FILES:
        if path.stem in PAGES:
            page = tmp_path / f"{path.stem}.html"
            page.write_text(as_page(shown(path), read_document(path)), encoding="utf-8")
            pages.append(str(page))
    found = answers(installed(tmp_path, *PACKAGES), SCRIPT, {"browser": browser, "pages": pages})
    assert len(found) == 3 * 2 * 3
    for each in found:
        assert (each["said"], each["faults"], each["wide"], each["escaped"]) == ([], [], False, []), each
        assert len(each["focused"]) == len(each["hovered"]) == 1
        assert each["focused"] != each["hovered"]

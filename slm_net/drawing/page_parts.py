"""How the page looks, and its script: help shows beside the key that the pointer is on, or that has the focus."""

from __future__ import annotations

from slm_net.drawing.svg import FONT, inks

#: The style of pictures and tables, in pages of other people too: nothing outside of `.slm-net` is touched.
PART_STYLE = f"""
.slm-net{{{inks(dark=False)};font-family:{FONT};font-size:14px;line-height:1.45}}
@media(prefers-color-scheme:dark){{.slm-net{{{inks(dark=True)}}}}}
.slm-net .body{{display:flex;flex-wrap:wrap;gap:0 20px;align-items:flex-start}}
.slm-net .tables{{min-width:0;max-width:100%}}
.slm-net .tables>:first-child{{margin-top:12px}}
.slm-net .pictures{{min-width:0;max-width:100%;margin-left:-16px;
display:flex;flex-wrap:wrap;align-items:flex-start}}
.slm-net .pictures>div{{max-width:100%}}
.slm-net h3{{font-size:14px;margin:22px 0 6px;overflow-wrap:anywhere}}
.slm-net .wide{{overflow-x:auto;max-width:100%}}
.slm-net table{{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;background:none;margin:0}}
.slm-net th,.slm-net td{{text-align:left;padding:4px 12px 4px 0;border:0;border-bottom:1px solid #8593a355;
font-weight:400;white-space:nowrap;background:none}}
.slm-net thead th{{font-weight:600}}
.slm-net tbody th{{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px}}
.slm-net .number{{text-align:right}}
.slm-net .total th,.slm-net .total td{{font-weight:600;border-bottom:0}}
"""

STYLE = f"""
:root{{color-scheme:light dark;{inks(dark=False)}}}
@media(prefers-color-scheme:dark){{:root{{{inks(dark=True)}}}}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--bg);color:var(--ink);font-family:{FONT};font-size:14px;line-height:1.45}}
header{{padding:18px 24px 10px;border-bottom:1px solid var(--edge)}}
h1{{font-size:20px;margin:0;overflow-wrap:anywhere}}header p{{margin:2px 0 0;color:var(--quiet)}}
h2{{font-size:15px;margin:0 0 8px}}
main{{display:grid;gap:24px;padding:18px 24px 40px;align-items:start}}
main>section{{min-width:0}}
.spec{{margin:0;padding:14px 16px;background:var(--panel);border:1px solid var(--edge);border-radius:8px;overflow:auto;
max-height:60vh;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12.5px;
line-height:1.55;tab-size:4}}
.key{{all:unset;cursor:help;color:var(--conv);border-bottom:1px dotted var(--arrow)}}
.key:hover,.key:focus-visible{{background:var(--card);color:var(--ink)}}
:focus-visible{{outline:2px solid var(--conv);outline-offset:2px;border-radius:3px}}
.help{{position:fixed;z-index:1;max-width:min(360px,calc(100vw - 24px));padding:8px 12px;background:var(--ink);
color:var(--bg);border-radius:6px;font-size:13px;box-shadow:0 4px 16px #0005}}
@media(min-width:1000px){{.two{{grid-template-columns:minmax(300px,32fr) 68fr}}
.two>section:first-child{{position:sticky;top:18px}}.spec{{max-height:calc(100vh - 70px)}}}}
@media(max-width:600px){{header,main{{padding-left:14px;padding-right:14px}}}}
@media print{{.spec{{max-height:none}}}}
"""

SCRIPT = """
let open = null, timer = 0;
const hide = () => { if (open) open.hidden = true; open = null; };
const show = key => {
  clearTimeout(timer);
  hide();
  open = document.getElementById(key.getAttribute("aria-describedby"));
  open.hidden = false;
  const at = key.getBoundingClientRect(), own = open.getBoundingClientRect();
  const below = at.bottom + 6 + own.height < innerHeight;
  open.style.left = Math.max(12, Math.min(at.left, innerWidth - own.width - 12)) + "px";
  open.style.top = Math.max(6, below ? at.bottom + 6 : at.top - own.height - 6) + "px";
};
const later = () => { clearTimeout(timer); timer = setTimeout(hide, 200); };
for (const key of document.querySelectorAll(".key")) {
  key.addEventListener("pointerenter", () => show(key));
  key.addEventListener("pointerleave", later);
  key.addEventListener("focus", () => show(key));
  key.addEventListener("click", () => show(key));
  key.addEventListener("blur", hide);
}
for (const help of document.querySelectorAll(".help")) {
  help.addEventListener("pointerenter", () => clearTimeout(timer));
  help.addEventListener("pointerleave", later);
}
document.addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
document.addEventListener("scroll", hide, {capture: true, passive: true});
"""

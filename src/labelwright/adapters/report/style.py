"""The look of a report: the tone of the web page, without its bundle."""

from typing import Final

STYLE: Final = """
:root{--ink:#1c2024;--mute:#60646c;--faint:#80838d;--line:#e4e6ea;--bg:#f7f8fa;--card:#fff;--accent:#2f6f5e;
--accent-soft:#e3f1ec;--warn:#ad5700;--warn-soft:#fff1dd;--key:#f0f1f4;--bad:#c4493c;
--f:ui-sans-serif,system-ui,"Inter",sans-serif}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--mute:#b0b4ba;--faint:#8b8f98;--line:#2b2f36;--bg:#111316;
--card:#191b1f;--accent:#6cc3a6;--accent-soft:#17332b;--warn:#ffb45c;--warn-soft:#3a2a12;--key:#25282e;--bad:#ff8b7d}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 var(--f)}
header{padding:12px 22px;border-bottom:1px solid var(--line);background:var(--card);letter-spacing:-.01em}
header b{font-weight:650}
main{max-width:1240px;margin:0 auto;padding:30px 22px 10px}
h1{font-size:25px;line-height:1.25;letter-spacing:-.02em;margin:0 0 20px;overflow-wrap:anywhere}
h1 small{display:block;font-size:15px;font-weight:400;color:var(--mute);letter-spacing:0;margin-top:5px}
.top{display:grid;gap:18px;margin-bottom:22px}.top p{margin:0}
.cards{columns:2;column-gap:22px}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:20px 22px;margin:0 0 22px;
break-inside:avoid}
.top .card{margin:0}.wide{column-span:all;margin-top:22px}.wide:first-child{margin-top:0}
.card h2{font-size:14px;margin:0 0 12px;color:var(--mute);font-weight:550}
.nums{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:18px}
.n{font-size:30px;font-weight:620;letter-spacing:-.03em;line-height:1.15;font-variant-numeric:tabular-nums}
.n small{display:block;font-size:13px;line-height:1.4;font-weight:400;color:var(--mute);letter-spacing:0;margin-top:5px}
p{margin:0 0 12px;max-width:78ch}.plain{color:var(--mute);font-size:14px}.lead{font-size:18px;line-height:1.45}
.good,.warn{border-radius:10px;padding:12px 15px;max-width:none}
.good{background:var(--accent-soft);color:var(--accent)}.warn{background:var(--warn-soft);color:var(--warn)}
ul{margin:0 0 12px;padding-left:18px;color:var(--mute);font-size:14px}li{margin:5px 0}
.scroll{overflow-x:auto;margin:0 0 12px}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:14px}
caption{caption-side:bottom;text-align:left;color:var(--mute);font-size:13px;padding-top:8px}
td,th{padding:8px 8px;border-bottom:1px solid var(--line);text-align:right;font-weight:400;vertical-align:top}
th{color:var(--faint);font-size:12px;vertical-align:bottom}.l{text-align:left}
tr.on td{background:var(--accent-soft);font-weight:600}tbody tr:last-child td{border:0}
figure{margin:0 0 8px}svg{display:block;width:100%;height:auto;max-height:420px}
figcaption{color:var(--mute);font-size:13px;margin-top:8px;max-width:78ch}
.card>:last-child{margin-bottom:0}
footer{max-width:1240px;margin:0 auto;padding:14px 22px 40px;color:var(--faint);font-size:13px;overflow-wrap:anywhere}
@media(max-width:860px){.cards{columns:1}main{padding:20px 14px}.card{padding:16px 14px}
figure{overflow-x:auto}svg{min-width:460px}.n{font-size:25px}
figure,.scroll{background:linear-gradient(to right,var(--card) 40%,transparent) left/36px 100% no-repeat local,
linear-gradient(to left,var(--card) 40%,transparent) right/36px 100% no-repeat local,
linear-gradient(to right,var(--line),transparent) left/12px 100% no-repeat scroll,
linear-gradient(to left,var(--line),transparent) right/12px 100% no-repeat scroll}}
@media print{body{background:#fff}.card{break-inside:avoid}}
"""

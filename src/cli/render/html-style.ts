/** How a page of results looks: quiet, in light and in dark, readable from a phone's width up, and on paper. */
import { trusted } from '../../html/html.ts';

export const style = trusted(`
:root{color-scheme:light dark;--back:#fff;--field:#f4f6f8;--line:#dce1e6;--text:#1f2933;--soft:#55606c;--accent:#0b5cad;--good:#2e6b0f;--open:#8a5300;--bad:#b3261e;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media (prefers-color-scheme:dark){:root{--back:#14181d;--field:#1d232a;--line:#343d47;--text:#e4e8ec;--soft:#a7b1bb;--accent:#7db8f5;--good:#8ccb63;--open:#f0b458;--bad:#ff8f86}}
*{box-sizing:border-box}
html{background:var(--back);scroll-padding-top:16px}
body{max-width:1120px;margin:0 auto;padding:0 32px 48px;color:var(--text);background:var(--back);font:15px/1.5 system-ui,'Segoe UI','Helvetica Neue',Arial,sans-serif;-webkit-text-size-adjust:100%}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-9999px;padding:8px 16px;background:var(--back)}
.skip:focus{left:16px;top:8px}
main:focus,h2:focus{outline:none}
header{padding:40px 0 8px}
h1{margin:0;padding-left:14px;border-left:6px solid var(--mood);font-size:30px;line-height:1.25;font-weight:650}
.good{--mood:var(--good)}.open{--mood:var(--open)}.bad{--mood:var(--bad)}
.lead{margin:8px 0 0;padding-left:20px;font-size:17px;text-wrap:pretty;overflow-wrap:anywhere}
.lead::first-letter{text-transform:uppercase}
h2{margin:40px 0 12px;font-size:20px;line-height:1.3;font-weight:650}
h3{margin:0;font-size:16px;line-height:1.4;font-weight:650}
.count{color:var(--soft);font-weight:400}
dl,dt,dd,p{margin:0}
.counts{display:flex;flex-wrap:wrap;gap:12px;margin-top:24px}
.counts div{display:flex;flex-direction:column-reverse;min-width:112px;padding:10px 16px;border:1px solid var(--line);border-radius:8px;background:var(--field)}
.counts dt{color:var(--soft);font-size:14px}
.counts dd{font-size:24px;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.facts{margin-top:20px}
.facts div{display:grid;grid-template-columns:112px 1fr;gap:12px;padding:3px 0}
.facts dt{color:var(--soft)}
.facts dd{overflow-wrap:anywhere}
code,.mono{font-family:var(--mono);font-size:13px;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;margin:20px 0 0;padding:10px 0;border-block:1px solid var(--line);list-style:none}
nav a{display:inline-block;padding:6px 0}
search{display:grid;grid-template-columns:auto minmax(0,420px) 1fr;gap:4px 12px;align-items:center;margin-top:20px}
search[hidden]{display:none}
search label{font-weight:600}
input{min-height:44px;width:100%;padding:8px 12px;border:1px solid var(--soft);border-radius:6px;color:var(--text);background:var(--back);font:inherit}
search p{color:var(--soft)}
details{margin:0 0 10px;border:1px solid var(--line);border-radius:8px}
summary{display:list-item;border-radius:8px;padding:11px 16px;cursor:pointer;overflow-wrap:anywhere}
summary:hover{background:var(--field)}
details[open]{padding:0 16px 14px}
details[open]>summary{margin:0 -16px;border-radius:8px 8px 0 0}
summary h3{display:inline}
.hint{margin-bottom:8px;color:var(--soft);text-wrap:pretty;overflow-wrap:anywhere}
.tag{display:inline-block;padding:0 8px;border:1px solid currentColor;border-radius:10px;font-size:13px;line-height:20px;color:var(--soft)}
.tag.bad{color:var(--bad)}.tag.open{color:var(--open)}
article{margin:0 0 20px;padding:16px 16px 6px;border:1px solid var(--line);border-radius:8px}
article table{margin:10px 0 12px}
table{width:100%;border-collapse:collapse}
caption{padding-bottom:6px;text-align:left;color:var(--soft)}
th,td{padding:8px 12px 8px 0;border-top:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400;overflow-wrap:anywhere}
thead th{border-top:0;color:var(--soft);font-size:14px}
td p+p,th p+p{margin-top:2px}
.note{margin:-4px 0 12px;color:var(--soft)}
.small{color:var(--soft);font-size:13px;overflow-wrap:anywhere}
.portals{table-layout:fixed}.portals thead th:first-child{width:34%}
.bindings{table-layout:fixed}.bindings thead th:first-child{width:112px}.bindings thead th:nth-child(2){width:34%}
.bind,.fine{color:var(--good)}.unbind,.wanting,.unclear{color:var(--bad)}.rebind,.move{color:var(--open)}.left{color:var(--soft)}
.names{columns:300px;column-gap:28px;margin:0;padding:0;list-style:none;font-size:14px;line-height:1.45}
.names li{padding:3px 0;break-inside:avoid;overflow-wrap:anywhere}
.names span,.portals th span{display:block;color:var(--soft);font:12px/1.3 var(--mono)}
.problems{margin:0;padding:0;list-style:none}
.problems .hint{margin:0}
.problems li{margin-bottom:10px;padding:10px 16px;border-left:4px solid var(--bad);background:var(--field);overflow-wrap:anywhere}
[hidden]{display:none}
footer{margin-top:48px;padding-top:14px;border-top:1px solid var(--line);color:var(--soft);font-size:14px}
@media (max-width:640px){
body{padding:0 16px 32px}
header{padding-top:24px}
h1{font-size:24px}
h2{margin-top:32px}
.counts{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:8px}
.counts div{min-width:0;padding:8px 12px}
.counts dd{font-size:20px}
.facts div{grid-template-columns:88px 1fr}
search{grid-template-columns:1fr}
details[open]{padding:0 12px 12px}
details[open]>summary{margin:0 -12px}
summary{padding:11px 12px}
article{padding:12px 12px 2px}
.portals,.portals tbody,.portals tr,.portals th,.portals td{display:block;width:auto}
.portals thead,.bindings thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.portals td{padding-top:0;border-top:0}
.portals tbody th{padding-bottom:4px}
.bindings,.bindings tbody,.bindings td,.bindings tbody th,caption{display:block;width:auto}
.bindings tr{display:grid;grid-template-columns:auto 1fr;column-gap:12px;padding:8px 0;border-top:1px solid var(--line)}
.bindings td,.bindings tbody th{padding:0;border:0}
.bindings td:last-child{grid-column:1/-1}
th,td{padding-right:8px}
}
@media print{nav,search,.skip{display:none}details,article{break-inside:avoid-page}}
`);

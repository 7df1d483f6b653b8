/** How the installation page looks: quiet, in the portal's light greys, readable from a phone's width up. */
import { trusted } from '../../html/html.ts';

export const style = trusted(`
:root{color-scheme:light;--text:#333b45;--soft:#5a6470;--line:#dfe3e8;--field:#f5f7f8;--accent:#0b66c3;--ok:#3f7d0c;--bad:#b3261e}
*{box-sizing:border-box}
html{background:#fff}
body{margin:0;color:var(--text);font:15px/1.5 'Open Sans','Helvetica Neue',Helvetica,Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:760px;margin:0 auto;padding:40px 32px 48px}
header{display:flex;gap:16px;align-items:flex-start}
.mark{flex:none;width:40px;height:40px;margin-top:2px}
.converged .mark{color:var(--ok)}.failed .mark,.refused .mark{color:var(--bad)}.working .mark{color:var(--accent)}
h1{margin:0;font-size:26px;line-height:1.3;font-weight:600;text-wrap:balance}
h2{margin:0 0 10px;font-size:15px;line-height:1.4;font-weight:600}
p{margin:6px 0 0;text-wrap:pretty}
header p{color:var(--soft)}
section{margin-top:32px}
.count{margin-left:2px;color:var(--soft);font-weight:400}
.notice{margin-top:24px;padding:12px 16px;border-left:4px solid var(--accent);background:var(--field)}
.notice:empty{display:none}
.notice[data-state=done]{border-color:var(--ok)}.notice[data-state=failed],noscript .notice{border-color:var(--bad)}
ul{margin:0;padding:12px 16px 12px 34px;border-left:4px solid var(--bad);background:var(--field)}
li+li{margin-top:8px}
.converged ul{border-color:var(--accent)}
ul+p{margin-top:12px}
li,dt,dd{overflow-wrap:anywhere}
code{font:13px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--soft)}
dl{margin:0;border-top:1px solid var(--line)}
dl div{display:grid;grid-template-columns:2fr 3fr;gap:0 24px;padding:10px 0;border-bottom:1px solid var(--line)}
dt,dd{margin:0;font:13px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
dd{color:var(--soft)}
form{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin-top:20px}
form p{margin:0;color:var(--soft)}
button{min-height:44px;padding:10px 24px;border:1px solid var(--accent);border-radius:6px;background:var(--accent);color:#fff;font:inherit;font-weight:600;cursor:pointer}
button:hover{background:#09529d}
.working form{margin-left:56px}
.working button{background:#fff;color:var(--accent)}
.working button:hover{background:var(--field)}
button[aria-disabled=true],.working button[aria-disabled=true]{color:#fff;background:var(--soft);border-color:var(--soft);cursor:default}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
.spin{transform-origin:center;animation:spin 1.6s linear infinite}
@keyframes spin{to{transform:rotate(1turn)}}
@media (prefers-reduced-motion:reduce){.spin{animation:none}}
@media (max-width:560px){
main{padding:24px 16px 32px}
header{gap:12px}
.mark{width:32px;height:32px;margin-top:0}
h1{font-size:21px}
section{margin-top:24px}
dl div{grid-template-columns:1fr}
.working form{margin-left:0}
button{width:100%}
}
`);

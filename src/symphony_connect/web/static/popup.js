/* Symphony Connect, Apache-2.0, sources c684e42f5d49504694594e96c28c198fc43ef72167c22f7fa1c2234d1e1edd5d */
"use strict";
(() => {
  // src/popup.ts
  var UNREACHABLE = "The service did not answer at the last step.";
  var base = new URL("..", document.currentScript.src).href;
  var outcome = JSON.parse(document.body.dataset.symphony || "{}");
  function show(when) {
    for (const element of document.querySelectorAll(`[data-when="${when}"]`)) element.hidden = false;
  }
  async function handover({ platform, flow }, openerLost) {
    const response = await fetch(`${base}oauth/${platform}/handover`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ flow, openerLost })
    });
    const body = await response.json();
    return response.ok ? { ok: true, result: body } : { ok: false, error: body.error };
  }
  async function finish(outcome2) {
    const opener = window.opener;
    const isLogin = outcome2.mode === "login" && outcome2.ok;
    if (!opener || opener.closed || !outcome2.origin) {
      show(isLogin ? "opener-lost" : "done");
      show("alone");
      if (isLogin) await handover(outcome2, true).catch(() => {
      });
      return;
    }
    const { nonce, ok, result, error } = outcome2;
    const message = isLogin ? await handover(outcome2).catch(() => ({ ok: false, error: { code: "network", message: UNREACHABLE } })) : { ok, result, error };
    opener.postMessage({ source: "symphony-connect", nonce, ...message }, outcome2.origin);
    window.close();
    show("done");
  }
  if (outcome.kind === "result") {
    history.replaceState(null, "", location.pathname);
    void finish(outcome);
  } else if (location.hash === "#_=_") {
    history.replaceState(null, "", location.pathname + location.search);
  }
})();

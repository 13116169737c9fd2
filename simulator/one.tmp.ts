import { runEachLaw, verdictOf } from "/work/wt/model/simulator/checker/checks.ts";
const [,, faults, witness, crashes, starts, budget, max, apart] = process.argv;
const list = faults === "-" ? [] : faults!.split(",");
const t=performance.now();
const rs = runEachLaw({ protocol: "hardened", nodes: 2, witness: witness === "1", faults: list as any, budget: Number(budget ?? (list.length?1:0)), onceEach: Number(budget??1)>1 && list.length>1, crashes: Number(crashes), punctual: false, bookkeeping: false, starts: starts!.split(",") as any, ...(apart?{termsApart:Number(apart)}:{}) }, Number(max ?? 1e9));
for (const r of rs) console.log(r.check.unasked, r.check.starts, r.states, r.depth, r.exhausted, JSON.stringify(r.roundsToAct), r.counterexample && [JSON.stringify(r.counterexample.violation), r.counterexample.start, r.counterexample.steps.length], JSON.stringify(r.unmet));
console.log(((performance.now()-t)/1000).toFixed(1),"s");

import { METRIC_IDS, scoreTriplet } from '@refusion/metrics';
import { ndarray, rng } from '@refusion/core';
const H=480,W=640;
const random=rng(1);
const im=(p:number,q:number)=>ndarray(Uint8Array.from({length:H*W},(_,i)=>{const x=i%W,y=Math.floor(i/W);return Math.max(0,Math.min(255,Math.round(128+60*Math.sin(x/p)+50*Math.cos(y/q)+random.normal()*6)))}),[H,W]);
const t={fused:im(13,29),a:im(13,40),b:im(20,29)};
const ids=METRIC_IDS.slice(0,12);
let m=1e9;
for(let i=0;i<40;i++){const s=performance.now();scoreTriplet(t,{metrics:ids});m=Math.min(m,performance.now()-s)}
process.stdout.write(m.toFixed(1)+'\n');

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const require = createRequire('/work/e6c/packages/onnx/package.json');
const { fromBinary } = await import(require.resolve('@bufbuild/protobuf'));
const { ModelProtoSchema } = await import(require.resolve('onnx-buf'));
const m = fromBinary(ModelProtoSchema, readFileSync(process.argv[2]));
const prod=new Map(), cons=new Map(); const init=new Set(m.graph.initializer.map(i=>i.name)); const inp=new Set(m.graph.input.map(i=>i.name));
for(const n of m.graph.node){for(const o of n.output)prod.set(o,n);for(const i of n.input){if(!cons.has(i))cons.set(i,[]);cons.get(i).push(n);}}
const kind=x=>prod.get(x)?.opType??(inp.has(x)?'INPUT':init.has(x)?'CONST':'?');
const g=new Map();const op=process.argv[3]??'Reshape';
for(const n of m.graph.node) if(n.opType===op){const k=kind(n.input[0])+' -> ['+[...new Set((cons.get(n.output[0])||[]).map(c=>c.opType))].sort()+']'; g.set(k,(g.get(k)??0)+1);}
console.log(m.graph.node.length); for(const [k,v] of [...g].sort((a,b)=>b[1]-a[1]).slice(0,40)) console.log(String(v).padStart(5),k);

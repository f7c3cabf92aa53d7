import { expect, it } from 'vitest';
import { isOutOfMemory, sentenceOf } from './errors.js';

// As onnxruntime-node 1.30.0 says it.
const SAID = {
  memory:
    "Non-zero status code returned while running Expand node. Name:'expand_0' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 4000000000000\n",
  adapter:
    '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n',
  rank: 'Invalid rank for input: x Got: 2 Expected: 4 Please fix either the inputs/outputs or the model.',
};

it('leaves out where in its sources the runtime says something', () => {
  expect(sentenceOf(new Error(SAID.memory))).toBe(
    'Failed to allocate memory for requested buffer of size 4000000000000',
  );
  expect(sentenceOf(new Error(SAID.adapter))).toBe('Failed to get a WebGPU adapter: No supported adapters');
  expect(sentenceOf(new Error(SAID.rank))).toBe(SAID.rank);
  expect(sentenceOf('no error at all')).toBe('no error at all');
});

it('tells a lack of memory from the rest', () => {
  expect(Object.values(SAID).map(isOutOfMemory)).toEqual([true, false, false]);
  expect(isOutOfMemory(new Error('std::bad_alloc'))).toBe(true);
});

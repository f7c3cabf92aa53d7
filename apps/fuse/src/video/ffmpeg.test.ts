import { expect, it } from 'vitest';
import { everyFrameBy } from './ffmpeg.js';

it.each([
  ['ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021 the FFmpeg developers', '-vsync'],
  ['ffmpeg version n5.0 Copyright (c) 2000-2022 the FFmpeg developers', '-vsync'],
  ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers', '-fps_mode'],
  ['ffmpeg version 7.1 Copyright (c) 2000-2024 the FFmpeg developers', '-fps_mode'],
  ['ffmpeg version N-109468-gd39b34123d Copyright (c) 2000-2022 the FFmpeg developers', '-fps_mode'],
])('calls the option by its name in %s', (version, option) => {
  expect(everyFrameBy(version)).toEqual([option, 'passthrough']);
});

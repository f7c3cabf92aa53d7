#!/usr/bin/env node
import { runProgram } from '@refusion/cli';
import { benchProgram } from './program.js';

await runProgram(benchProgram());

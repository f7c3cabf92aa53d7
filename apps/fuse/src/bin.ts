#!/usr/bin/env node
import { runProgram } from '@refusion/cli';
import { fuseProgram } from './command.js';

await runProgram(fuseProgram());

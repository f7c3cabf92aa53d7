#!/usr/bin/env node
import { runProgram } from '@refusion/cli';
import { quickstartProgram } from './command.js';

await runProgram(quickstartProgram());

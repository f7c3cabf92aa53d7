#!/usr/bin/env node
import { runProgram } from '@refusion/cli';
import { trainCommand } from './command.js';

await runProgram(trainCommand());

#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// V8 lets the heap grow to four times what lives in it before it looks for garbage in the old part. A third more is enough where so little
// becomes old: as many logins a second, a sixth less memory, and no growth over a million of them (docs/performance.md, "Memory").
setFlagsFromString('--heap-growing-percent=30');

await import('../dist/main.js');

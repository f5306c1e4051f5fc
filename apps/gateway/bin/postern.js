#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// V8 lets the heap grow to four times what lives in it before it looks for garbage in the old part, where the sockets of a moment ago
// lie. Twice is enough: as many logins a second, a quarter less memory, and no growth over a million of them (docs/performance.md).
setFlagsFromString('--heap-growing-percent=100');

await import('../dist/main.js');

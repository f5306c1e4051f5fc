import { afterAll, describe, expect, it } from '@jest/globals';
import { CryptThreads, startWorker } from '../src/crypt-threads.js';
import { verifyPassword } from '../src/index.js';
import { loadLibxcrypt } from '../src/libxcrypt.js';
import { strict } from './vectors.js';

const job = (password: string) => ({ id: '6', password: Buffer.from(password), salt: 'saltstring', rounds: 10_000 }) as const;
const digest = 'vu52M0k7tg/RP9CawaSiUIehaczNeMPPs289H.lP.5NuGs8IqDJyOQknOBkF1Zc8CWor2Yo/xlHT3htRkIX16.';

describe('the threads for crypt(3)', () => {
  const threads = new CryptThreads();

  afterAll(() => threads.stop());

  it('overlapping jobs do not cross, and threads are used again', async () => {
    const passwords = Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? 'Tr0ub4dor&3' : `wrong ${index}`));
    const digests = await Promise.all(passwords.map((password) => threads.digest(job(password))));
    expect(digests.map((one) => one === digest)).toEqual([true, false, true, false, true, false]);
    expect(new Set(digests).size).toBe(4);
    expect(threads.idle).toBe(6);
    await threads.digest(job('x'));
    expect(threads.idle).toBe(6);
  });

  it('a thread that fails rejects its job and no other, and is not used again', async () => {
    const idle = threads.idle;
    const broken = { ...job('x'), rounds: 1n as unknown as number, salt: 1 as unknown as string };
    await expect(threads.digest(broken)).rejects.toThrow();
    expect(threads.idle).toBe(idle - 1);
    expect(await threads.digest(job('Tr0ub4dor&3'))).toBe(digest);
  });

  it('idle threads can be ended, and new ones are started when they are wanted', async () => {
    await threads.stop();
    expect(threads.idle).toBe(0);
    expect(await threads.digest(job('Tr0ub4dor&3'))).toBe(digest);
  });

  it('a thread that ended while it was idle is not asked', async () => {
    const workers: ReturnType<typeof startWorker>[] = [];
    const own = new CryptThreads(() => {
      const worker = startWorker();
      workers.push(worker);
      return worker;
    });
    await own.digest(job('x'));
    await workers[0]!.terminate();
    expect(await own.digest(job('Tr0ub4dor&3'))).toBe(digest);
    expect(workers.length).toBe(2);
    await own.stop();
  });

  it('only the password goes over, not the memory around it', async () => {
    const pool = Buffer.from('secret of somebody else Tr0ub4dor&3');
    const password = pool.subarray(24);
    expect(await threads.digest({ ...job(''), password })).toBe(digest);
    expect(pool.toString()).toBe('secret of somebody else Tr0ub4dor&3');
  });
});

describe('the event loop', () => {
  it.each([
    ['sha512-crypt', `$6$rounds=100000$saltsalt$${'a'.repeat(86)}`],
    ['argon2id', '$argon2id$v=19$m=65536,t=3,p=1$98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s'],
    ['PBKDF2', `pbkdf2_sha256$200000$salt$${'a'.repeat(43)}=`],
    ['scrypt', `scrypt$16384$salt$8$1$${'a'.repeat(43)}=`],
  ])('%s: goes on turning while checks run', async (_, stored) => {
    const checks = Promise.all(Array.from({ length: 4 }, () => verifyPassword(Buffer.from('wrong'), stored, strict)));
    let done = false;
    const results = checks.then((all) => ((done = true), all));
    let turns = 0;
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    expect(await results).toEqual(Array.from({ length: 4 }, () => 'mismatch'));
    expect(turns).toBeGreaterThan(50);
  });
});

describe('libxcrypt', () => {
  it('a missing package, library or function is an error when loading, nothing later', () => {
    const missing = (): never => {
      throw new Error('Cannot find package koffi');
    };
    expect(() => loadLibxcrypt(missing, 'libcrypt.so.1')).toThrow('koffi');
    const without = { load: () => ({ func: () => missing() }) };
    expect(() => loadLibxcrypt(() => without, 'libcrypt.so.1')).toThrow();
  });

  it('hands over the bytes of the password with one NUL behind them, and forgets them', async () => {
    const seen: Buffer[] = [];
    const copies: string[] = [];
    type Answer = (error: unknown, result: string | null) => void;
    const fake = (phrase: Buffer, setting: string, scratch: Buffer, size: number, answer: Answer): void => {
      seen.push(phrase, scratch);
      copies.push(phrase.toString('hex'), setting, String(size));
      answer(null, setting === '$y$bad' ? null : 'hash');
    };
    const crypt = loadLibxcrypt(() => ({ load: () => ({ func: () => ({ async: fake }) }) }), 'x');
    expect(await crypt(Buffer.from([0xff, 0x41]), '$y$good')).toBe('hash');
    expect(await crypt(Buffer.from('x'), '$y$bad')).toBeUndefined();
    expect(copies.slice(0, 3)).toEqual(['ff4100', '$y$good', '32768']);
    expect(seen.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });
});

// A thread that computes one hash of crypt(3) after the other: written in JavaScript, since it is started from the sources
// and from the build alike.
import { parentPort } from 'node:worker_threads';
import { desCrypt } from './des-crypt.js';
import { md5Crypt } from './md5-crypt.js';
import { shaCrypt } from './sha-crypt.js';

/** @param {import('../crypt-job.js').CryptJob} job */
const digestOf = ({ id, password, salt, rounds }) => {
  switch (id) {
    case '1':
    case 'apr1':
      return md5Crypt(password, `$${id}$`, Buffer.from(salt, 'latin1'));
    case '5':
      return shaCrypt('sha256', password, Buffer.from(salt, 'latin1'), rounds);
    case '6':
      return shaCrypt('sha512', password, Buffer.from(salt, 'latin1'), rounds);
    case 'des':
      return desCrypt(password, salt);
  }
};

parentPort?.on('message', (job) => parentPort?.postMessage(digestOf(job)));

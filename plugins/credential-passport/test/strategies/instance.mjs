import { Strategy } from 'passport-local';
import { check } from './people.mjs';

export default new Strategy(check);

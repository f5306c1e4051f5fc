import http from 'passport-http';
import { check } from './people.mjs';

export const strategy = new http.BasicStrategy(check);

export { createLive, type Live, type LiveOptions } from './channel.ts';

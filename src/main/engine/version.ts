import { version } from '../../../package.json';

/** Version of this Tapline, as in package.json. */
export const TAPLINE_VERSION: string = version;

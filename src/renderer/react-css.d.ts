import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Custom properties that a parent hands to its style sheet. */
    [name: `--${string}`]: string | number | undefined;
  }
}

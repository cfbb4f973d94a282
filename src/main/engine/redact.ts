const MASK = '***';
/** `scheme://user:password@`; the password runs to the last `@` before the path. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s/"']*@/gi;

/** Takes secrets out of text before it is logged, shown or written. */
export interface Redactor {
  /** Remembers a secret value; from then on it is masked wherever it stands. Values under 4 characters are masked in URLs only. */
  add: (secret: string) => void;
  redact: (text: string) => string;
}

/** Masks passwords in URLs always, and every secret it was told of, raw or percent-encoded. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    add(secret) {
      if (secret.length < 4) return;
      secrets.add(secret);
      secrets.add(encodeURIComponent(secret));
    },
    redact(text) {
      let clean = text.replace(URL_PASSWORD, `$1${MASK}@`);
      for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, MASK);
      return clean;
    },
  };
}

/** Redacts every text inside a JSON value; names of fields and all else stay. */
export function redactAll<T>(value: T, redactor: Redactor): T {
  if (typeof value === 'string') return redactor.redact(value) as T;
  if (Array.isArray(value)) return value.map((item) => redactAll(item, redactor)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactAll(item, redactor)])) as T;
}

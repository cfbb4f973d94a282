/** Colours of a picture, by role: those of the window's theme, since a picture has no style sheet to take them from. */
export interface PictureTheme {
  canvas: string;
  card: string;
  /** Cards of objects that Tapline does not look after. */
  quiet: string;
  border: string;
  text: string;
  muted: string;
  faint: string;
}

/** Theme of a picture. */
export type ThemeName = 'light' | 'dark';

export const PICTURE_THEMES: Record<ThemeName, PictureTheme> = {
  light: {
    canvas: '#f4f5f8',
    card: '#ffffff',
    quiet: '#fafafc',
    border: '#cfd4dc',
    text: '#171a1f',
    muted: '#5c6470',
    faint: '#868e9b',
  },
  dark: {
    canvas: '#111317',
    card: '#1f2329',
    quiet: '#191c21',
    border: '#3a404a',
    text: '#e4e7ec',
    muted: '#a0a7b3',
    faint: '#7a818d',
  },
};

const ACCENTS: Record<string, string> = {
  red: '#fa5252',
  pink: '#e64980',
  grape: '#be4bdb',
  violet: '#7950f2',
  indigo: '#6646e0',
  blue: '#228be6',
  cyan: '#15aabf',
  teal: '#12b886',
  green: '#40c057',
  lime: '#82c91e',
  yellow: '#fab005',
  orange: '#fd7e14',
};

/** The colour of a descriptor's accent on both themes; gray for one that is not known. */
export function accentHex(accent: string): string {
  return ACCENTS[accent] ?? '#6f7885';
}

import {
  ActionIcon,
  Autocomplete,
  Button,
  Checkbox,
  Combobox,
  type CSSVariablesResolver,
  createTheme,
  InputWrapper,
  Loader,
  type MantineColorsTuple,
  Menu,
  Modal,
  NumberInput,
  Popover,
  SegmentedControl,
  Select,
  Switch,
  Table,
  Tabs,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';

/** Cool neutral for light surfaces: 0 is the lightest. */
const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#f0f2f5',
  '#e6e9ee',
  '#d8dce3',
  '#c2c8d1',
  '#9aa2af',
  '#6f7885',
  '#4f5763',
  '#363c46',
  '#1d2128',
];

/** The same neutral for dark surfaces: 0 is text, 7 the body, 9 the deepest. */
const dark: MantineColorsTuple = [
  '#e4e7ec',
  '#b4bac4',
  '#8b929e',
  '#5f6671',
  '#363b44',
  '#2b2f37',
  '#22262d',
  '#191c21',
  '#131519',
  '#0d0f12',
];

/** Accent: actions, selection, focus. Never the colour of a kind of node. */
const accent: MantineColorsTuple = [
  '#edf4ff',
  '#dbe8fe',
  '#b5d0fc',
  '#8bb5f9',
  '#639bf5',
  '#4486f1',
  '#2a6fdf',
  '#2361cc',
  '#1d51aa',
  '#163d80',
];

/** Moved towards violet, so that exchanges are told from the accent at a glance. */
const indigo: MantineColorsTuple = [
  '#f1effe',
  '#e2dcfd',
  '#c4b9fa',
  '#a594f6',
  '#8b74f0',
  '#7659ea',
  '#6646e0',
  '#5436c2',
  '#452d9f',
  '#342277',
];

const small = { defaultProps: { size: 'xs' } };

/** Tapline's look on Mantine: dense, calm, one accent. Sizes are those of a desktop tool, not of a web page. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { gray, dark, accent, indigo },
  white: '#ffffff',
  black: '#171a1f',
  fontFamily:
    "'Inter Variable', Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', system-ui, 'Noto Sans', sans-serif",
  fontFamilyMonospace:
    "'JetBrains Mono Variable', 'SF Mono', ui-monospace, 'Cascadia Code', Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.5' },
  spacing: { xs: '0.5rem', sm: '0.625rem', md: '0.75rem', lg: '1rem', xl: '1.5rem' },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '14px' },
  defaultRadius: 'sm',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.4' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'default',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 26 } }),
    Autocomplete: Autocomplete.extend(small),
    Button: Button.extend(small),
    Checkbox: Checkbox.extend(small),
    Combobox: Combobox.extend({ defaultProps: { shadow: 'md' } }),
    InputWrapper: InputWrapper.extend({
      styles: {
        label: { fontSize: 12, fontWeight: 400, color: 'var(--tl-muted)', marginBottom: 3 },
        description: { fontSize: 11.5 },
      },
    }),
    Loader: Loader.extend({ defaultProps: { size: 'sm' } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', position: 'bottom-start', offset: 4, withinPortal: true } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, padding: 'lg', radius: 'md' },
      styles: { title: { fontWeight: 600 } },
    }),
    NumberInput: NumberInput.extend(small),
    Popover: Popover.extend({ defaultProps: { shadow: 'md' } }),
    SegmentedControl: SegmentedControl.extend(small),
    Select: Select.extend(small),
    Switch: Switch.extend(small),
    Table: Table.extend({ defaultProps: { verticalSpacing: 4, horizontalSpacing: 'xs', fz: 'xs' } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: true } }),
    Textarea: Textarea.extend(small),
    TextInput: TextInput.extend(small),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false, offset: 6, fz: 'xs' } }),
  },
});

/**
 * Tapline's own colours, by role. Use these in CSS: `--tl-panel` (side panels), `--tl-canvas`, `--tl-raised` (cards on the
 * canvas), `--tl-border`, `--tl-border-strong`, `--tl-text`, `--tl-muted` (secondary text), `--tl-faint` (icons, hints),
 * `--tl-hover`, `--tl-selected`, `--tl-accent`, `--tl-error`, `--tl-warning`, `--tl-hint`, `--tl-ok`.
 */
export const resolveCssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#636b78',
    '--mantine-color-error': '#c92a3a',
    '--tl-canvas': '#f4f5f8',
    '--tl-grid': '#d5d9e0',
    '--tl-panel': '#fbfbfc',
    '--tl-raised': '#ffffff',
    '--tl-border': '#e3e6eb',
    '--tl-border-strong': '#cfd4dc',
    '--tl-text': '#171a1f',
    '--tl-muted': '#5c6470',
    '--tl-faint': '#868e9b',
    '--tl-hover': '#eef0f4',
    '--tl-selected': '#e4eefd',
    '--tl-accent': '#2a6fdf',
    '--tl-error': '#c92a3a',
    '--tl-warning': '#b06a00',
    '--tl-hint': '#2f6fb8',
    '--tl-ok': '#1f8a4c',
    '--tl-shadow': '0 1px 2px rgb(20 24 32 / 8%), 0 2px 6px rgb(20 24 32 / 5%)',
  },
  dark: {
    '--mantine-color-body': '#191c21',
    '--mantine-color-dimmed': '#99a1ad',
    '--mantine-color-error': '#ff7b86',
    '--tl-canvas': '#111317',
    '--tl-grid': '#282c34',
    '--tl-panel': '#16191d',
    '--tl-raised': '#1f2329',
    '--tl-border': '#292d35',
    '--tl-border-strong': '#3a404a',
    '--tl-text': '#e4e7ec',
    '--tl-muted': '#a0a7b3',
    '--tl-faint': '#7a818d',
    '--tl-hover': '#23272e',
    '--tl-selected': '#1e2e48',
    '--tl-accent': '#639bf5',
    '--tl-error': '#ff7b86',
    '--tl-warning': '#f0b04a',
    '--tl-hint': '#6cb0f5',
    '--tl-ok': '#4cc38a',
    '--tl-shadow': '0 1px 2px rgb(0 0 0 / 40%), 0 3px 10px rgb(0 0 0 / 25%)',
  },
});

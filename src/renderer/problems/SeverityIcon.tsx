import type { Severity } from '@shared/flow/problem';
import { IconAlertTriangleFilled, IconCircleXFilled, IconInfoCircleFilled } from '@tabler/icons-react';

const looks = {
  error: { Drawn: IconCircleXFilled, color: 'var(--tl-error)' },
  warning: { Drawn: IconAlertTriangleFilled, color: 'var(--tl-warning)' },
  hint: { Drawn: IconInfoCircleFilled, color: 'var(--tl-hint)' },
} satisfies Record<Severity, unknown>;

/** Shape and colour of a severity; the words stand beside it or on what holds it. */
export function SeverityIcon({ severity, size = 16 }: { severity: Severity; size?: number }) {
  const { Drawn, color } = looks[severity];
  return <Drawn size={size} style={{ color, flex: 'none' }} aria-hidden />;
}

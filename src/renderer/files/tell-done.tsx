import { notifications } from '@mantine/notifications';
import classes from './tell-done.module.css';

/** Says that a transfer is done. What is worth knowing of it stays until it is closed, a line each, and is never cut. */
export function tellDone(title: string, notices: readonly string[]): void {
  notifications.show({
    title,
    message: notices.length > 0 && (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reached by keyboard
      <ul className={classes.notices} tabIndex={0} aria-label="Notices">
        {notices.map((notice) => (
          <li key={notice}>{notice}</li>
        ))}
      </ul>
    ),
    withBorder: true,
    autoClose: notices.length > 0 ? false : 5000,
  });
}

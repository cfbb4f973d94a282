import { Button } from '@mantine/core';
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

/** Says that a transfer is under way, with a button that cancels it; answers the function that takes the notice away. */
export function tellProgress(title: string, message: string, onCancel: () => void): () => void {
  const id = notifications.show({
    loading: true,
    title,
    message: (
      <div className={classes.progress}>
        {message}
        <Button variant="default" size="compact-xs" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    ),
    autoClose: false,
    withCloseButton: false,
    withBorder: true,
  });
  return () => notifications.hide(id);
}

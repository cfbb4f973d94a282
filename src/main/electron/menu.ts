import { Menu, type MenuItemConstructorOptions } from 'electron';

/** The least a desktop app needs: the standard edit, view and window items, so that their shortcuts work. */
export function buildMenu(isPackaged: boolean, platform: NodeJS.Platform = process.platform): Menu {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    ...(isPackaged
      ? []
      : [{ type: 'separator' as const }, { role: 'reload' as const }, { role: 'toggleDevTools' as const }]),
  ];
  return Menu.buildFromTemplate([
    ...(platform === 'darwin'
      ? [{ role: 'appMenu' as const }]
      : [{ label: 'File', submenu: [{ role: 'quit' as const }] }]),
    // Undo and redo belong to the drawing: the page handles their shortcuts, so they are not roles here.
    {
      label: 'Edit',
      submenu: [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }],
    },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
  ]);
}

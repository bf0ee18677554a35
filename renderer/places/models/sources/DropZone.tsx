import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTexts } from '../../../language/language.ts';
import { modelTexts } from '../words.ts';
import { droppedFiles, type Picked, sortFiles } from './picked-files.ts';

/** Takes models and data that are dropped anywhere in the window while the place is shown. */
export function DropZone({ onFiles }: { readonly onFiles: (picked: Picked) => void }): ReactNode {
  const say = useTexts(modelTexts);
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    // Entering a child comes before leaving its parent.
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const over = (event: DragEvent): void => {
      if (holdsFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer || !holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      void droppedFiles(event.dataTransfer).then((files) => {
        const picked = sortFiles(files);
        if (picked.model.length + picked.data.length > 0) latest.current(picked);
        else notifications.show({ message: say('dropNothing') });
      });
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: over, drop } as const;
    for (const [name, listener] of Object.entries(listeners))
      window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        window.removeEventListener(name, listener as EventListener);
    };
  }, [say]);
  if (!isOver) return null;
  return (
    <div className="ft-drop" role="status">
      <Text fw={650} fz="lg">
        {say('dropHere')}
      </Text>
    </div>
  );
}

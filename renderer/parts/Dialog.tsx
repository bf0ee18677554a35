import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

/** A question that has to be answered first; it is named by its title, and Escape gives the careful answer. */
export function Dialog({
  title,
  size,
  opened,
  onClose,
  children,
}: {
  readonly title: string;
  readonly size: number;
  readonly opened: boolean;
  /** Called for Escape. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Modal.Root opened={opened} onClose={onClose} closeOnClickOutside={false} size={size} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body p="lg">
          {/* Not in Modal.Header: that would be a second banner of the page. */}
          <Modal.Title fz="lg" fw={650} mb="sm" style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Modal.Title>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

import { Combobox, Group, Text, UnstyledButton, useCombobox } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useTexts } from '../../language/language.ts';
import { runTexts } from './words.ts';

/** One thing to choose. */
export interface Option {
  readonly value: string;
  readonly label: string;
  /** Tells two of one name apart. */
  readonly detail: string;
}

interface Props {
  readonly label: string;
  readonly options: readonly Option[];
  readonly value: { readonly value: string; readonly label: string } | null;
  /** Stands there while nothing is chosen. */
  readonly placeholder: string;
  readonly onChoose: (value: string) => void;
  /** Where more of these come from. */
  readonly more: { readonly label: string; readonly href: string };
}

/** From this many options on there is a field to search them. */
const searchFrom = 9;

/** A value in a sentence that opens a list to choose another one from. */
export function InlineChoice({ label, options, value, placeholder, onChoose, more }: Props): ReactNode {
  const say = useTexts(runTexts);
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => {
      if (combobox.selectActiveOption() === null) combobox.selectFirstOption();
    },
  });
  const wanted = search.trim().toLowerCase();
  const found = options.filter((option) => `${option.label} ${option.detail}`.toLowerCase().includes(wanted));
  return (
    <Combobox
      store={combobox}
      width={340}
      position="bottom-start"
      onOptionSubmit={(chosen) => {
        onChoose(chosen);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target targetType="button">
        <UnstyledButton
          className="ft-run-value"
          aria-label={`${label}: ${value?.label ?? placeholder}`}
          title={value?.label}
          {...(value === null && { 'data-missing': true })}
          onClick={() => combobox.toggleDropdown()}
        >
          <span>{value?.label ?? placeholder}</span>
          <IconChevronDown size={14} aria-hidden="true" style={{ flex: 'none' }} />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        {options.length >= searchFrom && (
          <Combobox.Search
            value={search}
            aria-label={say('find')}
            placeholder={say('find')}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        )}
        <Combobox.Options mah={280} style={{ overflowY: 'auto' }} aria-label={label}>
          {found.map((option) => (
            <Combobox.Option
              key={option.value}
              value={option.value}
              active={option.value === value?.value}
              aria-selected={option.value === value?.value}
            >
              <Group justify="space-between" wrap="nowrap" gap="sm">
                <Text fz="sm" fw={option.value === value?.value ? 650 : 400} truncate>
                  {option.label}
                </Text>
                <Text fz="xs" c="inherit" opacity={0.85} truncate maw={170}>
                  {option.detail}
                </Text>
              </Group>
            </Combobox.Option>
          ))}
          {found.length === 0 && <Combobox.Empty>{say('nothingFits')}</Combobox.Empty>}
        </Combobox.Options>
        <Combobox.Footer>
          <Text component={Link} href={more.href} fz="sm" c="var(--ft-accent)">
            {more.label}
          </Text>
        </Combobox.Footer>
      </Combobox.Dropdown>
    </Combobox>
  );
}

import { Box, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { fileRoutes } from '../../../electron/contract/file-routes.ts';
import { useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { reportTexts } from './words.ts';

/** Forms of the report in the order of the buttons; a further form is a further row. */
const forms = [
  { form: 'html', file: 'report.html', hint: 'htmlHint' },
  { form: 'pdf', file: 'report.pdf', hint: 'pdfHint' },
  { form: 'csv', file: 'measurements.csv', hint: 'csvHint' },
  { form: 'json', file: 'result.json', hint: 'jsonHint' },
  { form: 'onnx', file: 'optimized.onnx', hint: 'onnxHint' },
] as const;

interface Props {
  readonly run: string;
  readonly files: readonly string[];
  readonly folder: string;
}

/** The report of one run as it looks, with the ways to hand it over. */
export function ReportView({ run, files, folder }: Props): ReactNode {
  const say = useTexts(reportTexts);
  const canPrintPdf = useCall('app.info', {}).data?.canPrintPdf ?? false;
  const isThere = (file: string): boolean => (file === 'report.pdf' ? canPrintPdf : files.includes(file));
  return (
    <Group align="flex-start" wrap="nowrap" gap="md">
      <Card withBorder p={0} style={{ flex: '1 1 auto', minWidth: 0 }}>
        <iframe
          title={say('preview')}
          src={fileRoutes.runFile(run, 'report.html')}
          sandbox=""
          style={{ border: 0, width: '100%', height: 'calc(100vh - 200px)', background: '#fff' }}
        />
      </Card>
      <Card withBorder w={300} style={{ flex: '0 0 300px' }}>
        <Title order={2} mb="sm">
          {say('export')}
        </Title>
        <Stack gap="sm">
          {forms.map(({ form, file, hint }) => (
            <Box key={form}>
              <Button
                component="a"
                href={`${fileRoutes.runFile(run, file)}?download`}
                download={`${run}-${file}`}
                fullWidth
                justify="flex-start"
                variant={form === 'html' || form === 'pdf' ? 'filled' : 'default'}
                leftSection={<IconDownload size={16} aria-hidden="true" />}
                {...(!isThere(file) && { 'data-disabled': true, 'aria-disabled': true, tabIndex: -1 })}
                onClick={(event) => {
                  if (!isThere(file)) event.preventDefault();
                }}
              >
                {say(form)}
              </Button>
              <Text fz="xs" c="dimmed" mt={2}>
                {form === 'pdf' && !canPrintPdf ? say('noPdf') : say(hint)}
              </Text>
            </Box>
          ))}
        </Stack>
        <Text fz="xs" c="dimmed" mt="md" style={{ overflowWrap: 'anywhere' }}>
          {say('folder', { folder })}
        </Text>
      </Card>
    </Group>
  );
}

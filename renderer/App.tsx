import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Component, type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import type { Settings } from '../electron/contract/views.ts';
import { ConnectionContext, refreshOnEvents, useCall } from './client/calls.ts';
import type { Connection } from './client/connection.ts';
import { followJobs, JobsContext } from './client/jobs.ts';
import { keepSelection, loadSelection, type Selection, SelectionContext } from './client/selection.ts';
import { Frame } from './frame/Frame.tsx';
import { PlaceView } from './frame/PlaceView.tsx';
import { frameTexts, isAt, linkTo, places } from './frame/places.ts';
import { setLanguage, startLanguages, useTexts } from './language/language.ts';
import { Crashed, Empty } from './parts/States.tsx';
import { theme } from './theme/theme.ts';

/** The window: everything that is shared by the places, around the place that the address names. */
export function App({ connection }: { readonly connection: Connection }): ReactNode {
  const [ready, setReady] = useState(false);
  const [client] = useState(
    () =>
      new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } } }),
  );
  const [jobs] = useState(() => followJobs(connection));
  useEffect(() => {
    void startLanguages().then(() => setReady(true));
    return refreshOnEvents(connection, client);
  }, [connection, client]);
  if (!ready) return null;
  return (
    <ConnectionContext value={connection}>
      <QueryClientProvider client={client}>
        <JobsContext value={jobs}>
          <WithSelection>
            <Personal>
              <Notifications position="bottom-right" />
              <Router>
                <Frame>
                  <Places />
                </Frame>
              </Router>
            </Personal>
          </WithSelection>
        </JobsContext>
      </QueryClientProvider>
    </ConnectionContext>
  );
}

/** Brings the person's language and theme to the page as soon as they are known. */
function Personal({ children }: { readonly children: ReactNode }) {
  const settings = useCall('settings.get', {}).data;
  const { language, theme: wanted } = settings ?? { language: 'system', theme: 'system' };
  useEffect(() => setLanguage(language), [language]);
  return <Themed wanted={wanted}>{children}</Themed>;
}

function Themed({ wanted, children }: { readonly wanted: Settings['theme']; readonly children: ReactNode }) {
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const systemContrast = useMedia('(prefers-contrast: more)');
  const contrast = wanted === 'contrast' || (wanted === 'system' && systemContrast);
  const dark = contrast || wanted === 'dark' || (wanted === 'system' && systemDark);
  useEffect(() => {
    document.documentElement.dataset.ftContrast = String(contrast);
  }, [contrast]);
  return (
    <MantineProvider theme={theme} forceColorScheme={dark ? 'dark' : 'light'}>
      {children}
    </MantineProvider>
  );
}

function useMedia(query: string): boolean {
  const list = useMemo(() => window.matchMedia(query), [query]);
  const [matches, setMatches] = useState(list.matches);
  useEffect(() => {
    const onChange = (): void => setMatches(list.matches);
    list.addEventListener('change', onChange);
    return () => list.removeEventListener('change', onChange);
  }, [list]);
  return matches;
}

function WithSelection({ children }: { readonly children: ReactNode }) {
  const [selection, setSelection] = useState(loadSelection);
  const select = useCallback(
    (change: Partial<Selection>) =>
      setSelection((old) => {
        const next = { ...old, ...change };
        keepSelection(next);
        return next;
      }),
    [],
  );
  const state = useMemo(() => ({ selection, select }), [selection, select]);
  return <SelectionContext value={state}>{children}</SelectionContext>;
}

function Places() {
  const say = useTexts(frameTexts);
  const [location] = useLocation();
  useEffect(() => {
    const place = places.find(({ name }) => isAt(location, name));
    document.title = place ? `${say(place.name)} – Fieldtune` : 'Fieldtune';
  });
  return (
    <Guarded key={location.split('/')[1]}>
      <Switch>
        <Route path="/">
          <Redirect to={linkTo('boards')} replace />
        </Route>
        {places.map((place) => (
          <Route key={place.name} path={`/${place.name}/:id?`}>
            {({ id }) => <PlaceView place={place} id={id === undefined ? null : decodeURIComponent(id)} />}
          </Route>
        ))}
        <Route>
          <Empty title={say('notFound')} hint={say('notFoundHint')} />
        </Route>
      </Switch>
    </Guarded>
  );
}

/** Keeps a fault in one place from taking the window with it. */
class Guarded extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    if (this.state.failed) return <Crashed onRetry={() => this.setState({ failed: false })} />;
    return this.props.children;
  }
}

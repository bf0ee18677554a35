import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme/window.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { openConnection } from './client/connection.ts';
import { fetchPlaces } from './frame/places.ts';

fetchPlaces(location.pathname);
const connection = openConnection();
createRoot(document.getElementById('root')!).render(<App connection={connection} />);

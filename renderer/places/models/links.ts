import { linkTo } from '../../frame/places.ts';

/** The id that opens the sample that comes with the app. */
export const sampleId = 'sample';
/** The id that shows the chosen data. */
export const dataId = 'data';
/** The address that shows the chosen data. */
export const dataLink = linkTo('models', dataId);

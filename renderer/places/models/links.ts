import { linkTo } from '../../frame/places.ts';

/** The id that opens the sample that comes with the app. */
export const sampleId = 'sample';
/** The id that shows the chosen data. */
export const dataId = 'data';
export const dataLink = linkTo('models', dataId);

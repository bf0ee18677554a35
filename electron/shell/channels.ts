/** From the window to the main process: a call and its arguments. */
export const callChannel = 'fieldtune:call';

/** From the main process to the window: an event. */
export const eventChannel = 'fieldtune:event';

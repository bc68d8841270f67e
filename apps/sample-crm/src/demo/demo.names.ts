/** Name of the 1win integration that the sample makes at its first start and the demo fires at. */
export const DEMO_INTEGRATION = 'Demo 1win';

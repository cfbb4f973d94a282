/**
 * Headers that Tapline's publishers and handlers put on what they send, so that a message can be followed from hop to hop.
 * None begins with `x-`: headers exchanges and brokers treat those apart.
 */
export const JOURNEY_HEADERS = {
  /** Node id of the publisher or handler that sent it. */
  origin: 'tapline-origin',
  /** Message id of the first message of the journey; kept by everything that follows from it. */
  journey: 'tapline-journey',
} as const;

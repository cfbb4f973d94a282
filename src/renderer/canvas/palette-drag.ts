/** Data type of a node type dragged from the palette. */
export const PALETTE_TYPE = 'application/x-tapline-node-type';

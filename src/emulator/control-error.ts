/** A wrong request to the control interface: its text tells what was expected. */
export class ControlError extends Error {}
